using Services.Webhooks.Storage;

namespace Services.Webhooks.Receiving;

/// <summary>
/// Answers the deliveries of one commit, one behind the other on one thread of the pool. To wake a thread for each would cost more than the answers do, and
/// on the writer's own the next commit would wait for them.
/// </summary>
internal sealed class SettledBatch(int capacity) : IThreadPoolWorkItem
{
    private readonly List<(QueuedDelivery Queued, StoreResult Result)> _settled = new(capacity);

    public void Add(QueuedDelivery queued, StoreResult result) => _settled.Add((queued, result));

    public void Execute()
    {
        foreach (var (queued, result) in _settled)
        {
            queued.Stored.TrySetResult(result);
        }
    }

    public void Answer() => ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
}
