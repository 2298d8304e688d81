using System.Collections.Concurrent;
using AgentPlatform.ServiceDefaults.GitHub;
using Microsoft.Extensions.Options;

namespace Services.Scheduler.GitHub;

/// <summary>One write at a time for each installation, and not sooner than GitHub likes: bursts are what its secondary limits punish.</summary>
internal sealed class GitHubWritePace(IOptionsMonitor<GitHubOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<long, Lane> _lanes = new();

    /// <summary>Waits for this installation's turn; dispose what is returned when the write has been answered.</summary>
    public async Task<IDisposable> WaitAsync(long installationId, CancellationToken cancellationToken)
    {
        var lane = _lanes.GetOrAdd(installationId, _ => new Lane(time));
        await lane.Gate.WaitAsync(cancellationToken);
        try
        {
            var wait = options.CurrentValue.WriteSpacing - (time.GetElapsedTime(lane.LastWrite));
            if (lane.LastWrite != 0 && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, time, cancellationToken);
            }

            return lane;
        }
        catch
        {
            lane.Gate.Release();
            throw;
        }
    }

    private sealed class Lane(TimeProvider time) : IDisposable
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        public long LastWrite { get; private set; }

        public void Dispose()
        {
            LastWrite = time.GetTimestamp();
            Gate.Release();
        }
    }
}
