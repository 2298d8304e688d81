using System.Threading.Channels;
using AgentPlatform.Emulators.GitHub.State;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Hooks;

/// <summary>The record of deliveries, and those that wait to be sent.</summary>
internal sealed class Deliveries(IOptions<GitHubOptions> options, GitHubState state, HookTarget target, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Delivery> _kept = [];
    private readonly Channel<Delivery> _waiting = Channel.CreateBounded<Delivery>(new BoundedChannelOptions(100_000));
    private int _unsettled;
    private TaskCompletionSource _settled = Completed();

    public ChannelReader<Delivery> Waiting => _waiting.Reader;

    /// <summary>Records a delivery and has it sent.</summary>
    public Delivery Add(string name, string? action, byte[] payload, long? installationId, long? repositoryId) => Add(new Delivery
    {
        Id = state.NextId(),
        Guid = Guid.NewGuid().ToString(),
        Event = name,
        Action = action,
        DeliveredAt = time.GetUtcNow(),
        InstallationId = installationId,
        RepositoryId = repositoryId,
        Payload = payload,
        Url = target.Current.Url,
    });

    /// <summary>Sends a delivery again: another record with the same GUID and payload.</summary>
    public Delivery Redeliver(Delivery earlier) => Add(new Delivery
    {
        Id = state.NextId(),
        Guid = earlier.Guid,
        Event = earlier.Event,
        Action = earlier.Action,
        DeliveredAt = time.GetUtcNow(),
        Redelivery = true,
        InstallationId = earlier.InstallationId,
        RepositoryId = earlier.RepositoryId,
        Payload = earlier.Payload,
        Url = target.Current.Url,
    });

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Delivery> List()
    {
        lock (_gate)
        {
            return [.. _kept];
        }
    }

    public Delivery? Find(long id)
    {
        lock (_gate)
        {
            return _kept.FirstOrDefault(delivery => delivery.Id == id);
        }
    }

    /// <summary>Writes down what came of a delivery.</summary>
    public void Settle(Delivery delivery, DeliveryOutcome outcome)
    {
        lock (_gate)
        {
            delivery.Outcome = outcome;
            if (--_unsettled == 0)
            {
                _settled.SetResult();
            }
        }
    }

    /// <summary>Waits until nothing is on its way.</summary>
    public Task SettledAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            return _settled.Task.WaitAsync(cancellationToken);
        }
    }

    private Delivery Add(Delivery delivery)
    {
        lock (_gate)
        {
            _kept.AddFirst(delivery);
            if (_kept.Count > options.Value.DeliveriesMax)
            {
                _kept.RemoveLast();
            }

            if (_unsettled++ == 0)
            {
                _settled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }

        if (!_waiting.Writer.TryWrite(delivery))
        {
            Settle(delivery, new DeliveryOutcome("throttled", 503, TimeSpan.Zero, new Dictionary<string, string>(), string.Empty));
        }

        return delivery;
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        source.SetResult();
        return source;
    }
}
