using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace Services.Scheduler.Runs;

/// <summary>The part of a run that <see cref="RunMachine"/> decides about.</summary>
/// <param name="Phase">Where the run stands.</param>
/// <param name="Conclusion">How it ended; set exactly when <paramref name="Phase"/> is <see cref="RunPhase.Concluded"/>.</param>
/// <param name="Generation">The fence: raised whenever another worker may act for the run; 0 before the first admission.</param>
/// <param name="Faults">How often the platform failed it so far.</param>
/// <param name="Ending">The conclusion somebody asked for while a worker holds the run, or null.</param>
/// <param name="NotBefore">Admission leaves it alone until then, or null.</param>
/// <param name="Host">The machine of its instance, once placed.</param>
/// <param name="Instance">Its instance, once placed.</param>
internal sealed record RunState(
    RunPhase Phase, RunConclusion? Conclusion, long Generation, int Faults, RunConclusion? Ending, DateTimeOffset? NotBefore, HostId? Host = null, InstanceId? Instance = null)
{
    /// <summary>A run as it is first wanted.</summary>
    public static RunState New { get; } = new(RunPhase.Queued, null, 0, 0, null, null);

    /// <summary>Whether a worker may hold it: between admission and conclusion.</summary>
    public bool IsActive => Phase is RunPhase.Admitted or RunPhase.Provisioning or RunPhase.Fetching or RunPhase.Running;
}
