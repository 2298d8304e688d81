using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace Services.Scheduler.Workers;

/// <summary>
/// How a run that is under way hears that it should end, or that it is no longer this worker's. Once it is through it hears nothing. Whoever waits for it goes
/// on by itself: on the caller's thread a run could come to its end, and dispose of this, in the middle of the call.
/// </summary>
internal sealed class RunControl(RunId run, long generation) : IDisposable
{
    private readonly CancellationTokenSource _abandoned = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private bool _through;

    public RunId Run { get; } = run;

    public long Generation { get; } = generation;

    /// <summary>Let go at once and change nothing: another worker has it, or this process stops.</summary>
    public CancellationToken Abandoned => _abandoned.Token;

    /// <summary>Stop what runs and conclude. Also set when abandoned.</summary>
    public CancellationToken Ending => _ending.Token;

    /// <summary>How it shall end, once <see cref="Ending"/> is set.</summary>
    public RunConclusion? Conclusion { get; private set; }

    public void Abandon()
    {
        lock (_gate)
        {
            if (!_through)
            {
                _ = _abandoned.CancelAsync();
                _ = _ending.CancelAsync();
            }
        }
    }

    public void End(RunConclusion conclusion)
    {
        lock (_gate)
        {
            if (!_through)
            {
                Conclusion ??= conclusion;
                _ = _ending.CancelAsync();
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _through = true;
        }

        _abandoned.Dispose();
        _ending.Dispose();
    }
}
