using System.Buffers;

namespace Services.Webhooks.Receiving;

/// <summary>A body in one rented buffer, within a shared budget. Disposing returns both.</summary>
internal sealed class PooledBody : IDisposable
{
    private const int FirstSize = 32 * 1024;

    private readonly BodyBudget _budget;
    private byte[] _buffer = [];
    private long _budgeted;
    private int _length;

    private PooledBody(BodyBudget budget) => _budget = budget;

    /// <summary>The bytes as they were sent.</summary>
    public ReadOnlyMemory<byte> Bytes => _buffer.AsMemory(0, _length);

    /// <summary>Reads a body to its end.</summary>
    /// <param name="source">Where from.</param>
    /// <param name="announced">The Content-Length, if there is one.</param>
    /// <param name="max">The most bytes to take.</param>
    /// <param name="budget">The memory to take them into.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The body, or why there is none.</returns>
    public static async ValueTask<(PooledBody? Body, BodyFault Fault)> ReadAsync(
        Stream source, long? announced, long max, BodyBudget budget, CancellationToken cancellationToken)
    {
        if (announced > max)
        {
            return (null, BodyFault.TooLarge);
        }

        var body = new PooledBody(budget);
        try
        {
            var fault = body.Grow(announced ?? Math.Min(FirstSize, max + 1));
            while (fault == BodyFault.None)
            {
                var read = body._length == announced ? 0 : await source.ReadAsync(body._buffer.AsMemory(body._length), cancellationToken);
                if (read == 0)
                {
                    return (body, BodyFault.None);
                }

                body._length += read;
                fault = body._length > max ? BodyFault.TooLarge
                    : body._length == body._buffer.Length && body._length != announced ? body.Grow(Math.Min(2L * body._length, max + 1))
                    : BodyFault.None;
            }

            body.Dispose();
            return (null, fault);
        }
        catch
        {
            body.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = [];
        _length = 0;
        _budget.Return(_budgeted);
        _budgeted = 0;
    }

    private BodyFault Grow(long size)
    {
        if (!_budget.TryTake(size - _budgeted))
        {
            return BodyFault.NoMemory;
        }

        _budgeted = size;
        var larger = ArrayPool<byte>.Shared.Rent((int)size);
        _buffer.AsSpan(0, _length).CopyTo(larger);
        if (_buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        _buffer = larger;
        return BodyFault.None;
    }
}

/// <summary>Why a body was not read.</summary>
internal enum BodyFault
{
    None,
    TooLarge,
    NoMemory,
}
