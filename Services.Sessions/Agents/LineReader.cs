using System.Buffers;

namespace Services.Sessions.Agents;

/// <summary>
/// Cuts pages of output into lines, whatever a page's end splits: a line, a character, a megabyte of one. A line longer than the limit
/// is passed over rather than kept.
/// </summary>
internal sealed class LineReader
{
    public const int LineBytesMax = 8 * 1024 * 1024;
    private readonly ArrayBufferWriter<byte> _rest = new();
    private bool _tooLong;

    public IEnumerable<ReadOnlyMemory<byte>> Read(byte[] page)
    {
        var start = 0;
        while (Array.IndexOf(page, (byte)'\n', start) is var end and >= 0)
        {
            Keep(page.AsSpan(start, end - start));
            if (Take() is { } line)
            {
                yield return line;
            }

            start = end + 1;
        }

        Keep(page.AsSpan(start));
    }

    /// <summary>What is left when the output has ended without a line's end.</summary>
    public ReadOnlyMemory<byte>? Take()
    {
        var line = _tooLong || _rest.WrittenCount == 0 ? (ReadOnlyMemory<byte>?)null : _rest.WrittenMemory.ToArray();
        _rest.ResetWrittenCount();
        _tooLong = false;
        return line;
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_tooLong || _rest.WrittenCount + bytes.Length > LineBytesMax)
        {
            _tooLong = true;
            _rest.ResetWrittenCount();
            return;
        }

        _rest.Write(bytes);
    }
}
