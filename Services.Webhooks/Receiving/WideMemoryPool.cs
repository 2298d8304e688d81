using System.Buffers;
using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Connections;

namespace Services.Webhooks.Receiving;

/// <summary>
/// The memory that the server receives into, in blocks that hold a whole usual delivery. With the server's own blocks of 4 KiB, one of 21 KB takes six
/// reads of the socket, and six turns of everything behind it.
/// </summary>
internal sealed class WideMemoryPoolFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new WideMemoryPool();
}

internal sealed class WideMemoryPool : MemoryPool<byte>
{
    private const int BlockSize = 32 * 1024;

    // What a burst needed beyond this goes back to the garbage collector.
    private const int KeptMax = 64;

    private readonly ConcurrentQueue<Block> _kept = new();
    private int _count;

    public override int MaxBufferSize => BlockSize;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, BlockSize);
        if (_kept.TryDequeue(out var block))
        {
            Interlocked.Decrement(ref _count);
            block.IsRented = true;
            return block;
        }

        return new Block(this) { IsRented = true };
    }

    protected override void Dispose(bool disposing) => _kept.Clear();

    private void Return(Block block)
    {
        if (Interlocked.Increment(ref _count) <= KeptMax)
        {
            _kept.Enqueue(block);
        }
        else
        {
            Interlocked.Decrement(ref _count);
        }
    }

    private sealed class Block(WideMemoryPool pool) : IMemoryOwner<byte>
    {
        public bool IsRented { get; set; }

        // Pinned, because sockets would pin it for every single call.
        public Memory<byte> Memory { get; } = MemoryMarshal.CreateFromPinnedArray(GC.AllocateUninitializedArray<byte>(BlockSize, pinned: true), 0, BlockSize);

        public void Dispose()
        {
            if (IsRented)
            {
                IsRented = false;
                pool.Return(this);
            }
        }
    }
}
