using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace Services.Scheduler.Runs;

/// <summary>What may be asked of a run. Commands of a worker carry the generation it holds; an older one is refused.</summary>
internal abstract record RunCommand
{
    private RunCommand()
    {
    }

    /// <summary>Hold it until a person approves this commit.</summary>
    public sealed record Hold(string Reason) : RunCommand;

    /// <summary>A person with write access approved this commit.</summary>
    public sealed record Approve(string By) : RunCommand;

    /// <summary>Admission chose it: a worker may take it, under a new generation.</summary>
    public sealed record Admit : RunCommand;

    /// <summary>Its worker is gone: another may take it where it stands, under a new generation.</summary>
    public sealed record Reassign(string Reason) : RunCommand;

    /// <summary>The worker goes on to the given phase.</summary>
    public sealed record Advance(long Generation, RunPhase To) : RunCommand;

    /// <summary>The worker chose where its instance is to be. Every stage before that is undone.</summary>
    public sealed record Place(long Generation, HostId Host, InstanceId Instance) : RunCommand;

    /// <summary>The platform failed it; try again after <paramref name="Delay"/> if its category and count allow.</summary>
    public sealed record Fault(long Generation, FaultCategory Category, string Reason, TimeSpan Delay) : RunCommand;

    /// <summary>Somebody wants it to end with the given conclusion.</summary>
    public sealed record End(RunConclusion Conclusion, string Reason) : RunCommand;

    /// <summary>The worker concludes it.</summary>
    public sealed record Conclude(long Generation, RunConclusion Conclusion, string Reason) : RunCommand;
}
