using System.Buffers;

namespace Services.Webhooks.Storage;

/// <summary>A write-only stream into a rented buffer, which grows. Whoever made it returns <see cref="Buffer"/> to the pool.</summary>
internal sealed class BufferStream(byte[] rented) : Stream
{
    private int _length;

    public byte[] Buffer { get; private set; } = rented;

    public override long Length => _length;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Position
    {
        get => _length;
        set => throw new NotSupportedException();
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length > Buffer.Length - _length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * Buffer.Length, _length + buffer.Length));
            Buffer.AsSpan(0, _length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(Buffer);
            Buffer = larger;
        }

        buffer.CopyTo(Buffer.AsSpan(_length));
        _length += buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        // Everything is in the buffer already.
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
