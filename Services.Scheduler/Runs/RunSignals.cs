using AgentPlatform.Contracts.Runs;
using AgentPlatform.Streams;

namespace Services.Scheduler.Runs;

/// <summary>
/// Who wakes when a run has changed. It only saves time: every loop also looks by itself, so a lost signal delays and never loses.
/// </summary>
internal sealed class RunSignals(TimeProvider time)
{
    /// <summary>A run may be admitted, or a place was freed.</summary>
    public Signal Admission { get; } = new(time);

    /// <summary>The outbox has an entry.</summary>
    public Signal Outbox { get; } = new(time);

    /// <summary>A report is behind its run.</summary>
    public Signal Reports { get; } = new(time);

    /// <summary>A run got a new event; raised with its row, on the thread that saved it.</summary>
    public event Action<RunRow>? Changed;

    /// <summary>Wakes those for whom there is something to do now: everybody else would only be in the way of the run.</summary>
    public void RunMoved(RunRow run)
    {
        if (run.Phase is RunPhase.AwaitingApproval or RunPhase.Running or RunPhase.Concluded)
        {
            Reports.Raise();
        }

        if (!run.State.IsActive)
        {
            Admission.Raise();
        }

        Changed?.Invoke(run);
    }
}
