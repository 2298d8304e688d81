using System.Globalization;
using System.Text;

namespace AgentPlatform.Streams;

/// <summary>An entry of an event log, encoded once for all who read it.</summary>
public sealed class EventLogEntry
{
    private readonly byte[] _frame;
    private readonly int _jsonStart;

    private EventLogEntry(long sequence, byte[] frame, int jsonStart) => (Sequence, _frame, _jsonStart) = (sequence, frame, jsonStart);

    /// <summary>Its number in the log.</summary>
    public long Sequence { get; }

    /// <summary>The JSON of its event envelope, in UTF-8.</summary>
    public ReadOnlyMemory<byte> Json => _frame.AsMemory(_jsonStart, _frame.Length - _jsonStart - 2);

    /// <summary>The whole server-sent event, ready to write: <c>id</c> is the sequence, <c>data</c> the envelope. It names no event type; the envelope's kind does.</summary>
    public ReadOnlyMemory<byte> ServerSentEvent => _frame;

    internal static EventLogEntry Encode(long sequence, ReadOnlySpan<byte> json)
    {
        Span<byte> head = stackalloc byte[40];
        Encoding.UTF8.TryGetBytes(string.Create(CultureInfo.InvariantCulture, $"id: {sequence}\ndata: "), head, out var start);
        var frame = new byte[start + json.Length + 2];
        head[..start].CopyTo(frame);
        json.CopyTo(frame.AsSpan(start));
        frame[^2] = (byte)'\n';
        frame[^1] = (byte)'\n';
        return new EventLogEntry(sequence, frame, start);
    }
}
