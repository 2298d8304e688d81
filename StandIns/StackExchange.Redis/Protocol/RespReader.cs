using System.Buffers.Text;
using System.Text;

namespace StackExchange.Redis.Protocol;

/// <summary>Reads replies of the second protocol. A reply is read once, however the network cuts it.</summary>
internal sealed class RespReader(Stream stream)
{
    // What no Redis sends: its strings end at 512 MiB, and commands of this solution ask for pages, not for everything.
    private const int StringMax = 512 * 1024 * 1024;
    private const int ListMax = 16 * 1024 * 1024;
    private const int DepthMax = 32;

    private readonly byte[] _buffer = new byte[16 * 1024];
    private int _start;
    private int _end;

    public ValueTask<RedisResult> ReadAsync(CancellationToken cancellationToken) => ReadAsync(DepthMax, cancellationToken);

    private async ValueTask<RedisResult> ReadAsync(int depth, CancellationToken cancellationToken)
    {
        var line = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        switch (line.Length == 0 ? default : (char)line[0])
        {
            case '+':
                return new SingleRedisResult(line.AsSpan(1).SequenceEqual("OK"u8) ? "OK" : Encoding.UTF8.GetString(line.AsSpan(1)), ResultType.SimpleString);
            case '-':
                return new ErrorRedisResult(Encoding.UTF8.GetString(line.AsSpan(1)));
            case ':':
                return new SingleRedisResult(Number(line), ResultType.Integer);
            case '$':
                return await ReadStringAsync(Number(line), cancellationToken).ConfigureAwait(false);
            case '*':
                return await ReadListAsync(Number(line), depth, cancellationToken).ConfigureAwait(false);
            default:
                throw NotProtocol("an unknown kind of reply");
        }
    }

    private async ValueTask<RedisResult> ReadStringAsync(long length, CancellationToken cancellationToken)
    {
        if (length < 0)
        {
            return new SingleRedisResult(RedisValue.Null, ResultType.BulkString);
        }

        if (length > StringMax)
        {
            throw NotProtocol($"a string of {length} bytes");
        }

        var content = length == 0 ? [] : new byte[length];
        var buffered = Math.Min(_end - _start, content.Length);
        _buffer.AsSpan(_start, buffered).CopyTo(content);
        _start += buffered;
        if (buffered < content.Length)
        {
            await stream.ReadExactlyAsync(content.AsMemory(buffered), cancellationToken).ConfigureAwait(false);
        }

        var end = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
        return end.Length == 0 ? new SingleRedisResult(content, ResultType.BulkString) : throw NotProtocol("a string of another length than announced");
    }

    private async ValueTask<RedisResult> ReadListAsync(long count, int depth, CancellationToken cancellationToken)
    {
        if (count < 0)
        {
            return new ArrayRedisResult(null);
        }

        if (count > ListMax || depth == 0)
        {
            throw NotProtocol($"a list of {count} at depth {DepthMax - depth}");
        }

        var items = new RedisResult[count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = await ReadAsync(depth - 1, cancellationToken).ConfigureAwait(false);
        }

        return new ArrayRedisResult(items);
    }

    // A line without its end. Lines are statuses, errors and numbers, so one longer than the buffer is none of Redis'.
    private async ValueTask<byte[]> ReadLineAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            var length = _buffer.AsSpan(_start, _end - _start).IndexOf("\r\n"u8);
            if (length >= 0)
            {
                var line = length == 0 ? [] : _buffer.AsSpan(_start, length).ToArray();
                _start += length + 2;
                return line;
            }

            await FillAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            (_start, _end) = (0, _end - _start);
        }

        if (_end == _buffer.Length)
        {
            throw NotProtocol("a line without an end");
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        if (read == 0)
        {
            throw new EndOfStreamException("The server closed the connection.");
        }

        _end += read;
    }

    private static long Number(byte[] line) =>
        Utf8Parser.TryParse(line.AsSpan(1), out long number, out var digits) && digits == line.Length - 1 ? number : throw NotProtocol("a number that is none");

    private static RedisConnectionException NotProtocol(string what) => new(ConnectionFailureType.ProtocolFailure, $"The server sent {what}.");
}
