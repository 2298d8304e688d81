using System.Buffers.Binary;
using System.Buffers.Text;

namespace AgentPlatform.Contracts;

/// <summary>
/// Where a page ended: the sort time and the id of its last row. Its text form is opaque to callers and versioned, and is checked strictly when it returns.
/// </summary>
/// <param name="At">The last row's sort time, to the microsecond.</param>
/// <param name="Id">The last row's id, which breaks ties.</param>
public readonly record struct PageCursor(DateTimeOffset At, Guid Id)
{
    private const byte Version = 1;
    private const int Size = 1 + sizeof(long) + 16;

    /// <summary>The opaque text form, safe in a query string.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[Size];
        bytes[0] = Version;
        BinaryPrimitives.WriteInt64BigEndian(bytes[1..], At.UtcTicks / TimeSpan.TicksPerMicrosecond);
        Id.TryWriteBytes(bytes[9..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Reads a cursor that <see cref="ToString"/> wrote.</summary>
    public static bool TryParse(string? text, out PageCursor cursor)
    {
        cursor = default;
        Span<byte> bytes = stackalloc byte[Size];
        if (text is null
            || text.Length != Base64Url.GetEncodedLength(Size)
            || !Base64Url.IsValid(text, out var length)
            || length != Size
            || Base64Url.DecodeFromChars(text, bytes) != Size
            || bytes[0] != Version)
        {
            return false;
        }

        var microseconds = BinaryPrimitives.ReadInt64BigEndian(bytes[1..]);
        if (microseconds < 0 || microseconds > DateTimeOffset.MaxValue.UtcTicks / TimeSpan.TicksPerMicrosecond)
        {
            return false;
        }

        cursor = new PageCursor(new DateTimeOffset(microseconds * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero), new Guid(bytes[9..], bigEndian: true));
        return true;
    }
}
