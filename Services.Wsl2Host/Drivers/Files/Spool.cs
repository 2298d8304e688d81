using System.Text;

namespace Services.Wsl2Host.Drivers.Files;

/// <summary>
/// One stream of output, as its reader sees it: the kept beginning, and for a stream that was too long a line that says so and the kept ending.
/// Offsets count what the reader sees, so they stay valid while output is written and after.
/// </summary>
internal static class Spool
{
    /// <summary>Reads from an offset on.</summary>
    /// <param name="path">The stream's file.</param>
    /// <param name="offset">Where to begin.</param>
    /// <param name="bytesMax">How much at most.</param>
    /// <param name="ended">Whether the command had ended before this call.</param>
    public static OutputPage Read(string path, long offset, int bytesMax, bool ended)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);

        // In this order: once the tail exists, the head has its final size.
        var tail = CommandFiles.Tail(path);
        var truncated = File.Exists(tail);
        var head = Length(path);
        if (offset < head)
        {
            var bytes = ReadFile(path, offset, (int)Math.Min(bytesMax, head - offset));
            var next = offset + bytes.Length;
            return new OutputPage(bytes, next, ended && !truncated && next == head, truncated);
        }

        if (!truncated)
        {
            return new OutputPage(default, Math.Min(offset, head), ended, false);
        }

        var marker = Marker(head);
        var intoMarker = offset - head;
        if (intoMarker < marker.Length)
        {
            var bytes = marker.AsMemory((int)intoMarker, (int)Math.Min(bytesMax, marker.Length - intoMarker));
            return new OutputPage(bytes, offset + bytes.Length, false, true);
        }

        if (!ended)
        {
            return new OutputPage(default, head + marker.Length, false, true);
        }

        var kept = Length(tail);
        var intoTail = Math.Min(intoMarker - marker.Length, kept);
        var ending = ReadFile(tail, intoTail, (int)Math.Min(bytesMax, kept - intoTail));
        return new OutputPage(ending, head + marker.Length + intoTail + ending.Length, intoTail + ending.Length == kept, true);
    }

    /// <summary>How many bytes a reader can see.</summary>
    public static long Readable(string path, bool ended)
    {
        var tail = CommandFiles.Tail(path);
        if (!File.Exists(tail))
        {
            return Length(path);
        }

        var head = Length(path);
        return head + Marker(head).Length + (ended ? Length(tail) : 0);
    }

    private static byte[] Marker(long head) =>
        Encoding.UTF8.GetBytes($"\n[output truncated: the first {head} bytes are above, the last ones follow; what was between is not kept]\n");

    private static long Length(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }

    private static ReadOnlyMemory<byte> ReadFile(string path, long offset, int count)
    {
        if (count == 0)
        {
            return default;
        }

        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var buffer = new byte[count];
        return buffer.AsMemory(0, RandomAccess.Read(file, buffer, offset));
    }
}
