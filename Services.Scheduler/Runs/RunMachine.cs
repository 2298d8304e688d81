using AgentPlatform.Contracts.Runs;

namespace Services.Scheduler.Runs;

/// <summary>What a command did to a run.</summary>
internal abstract record RunTransition
{
    private RunTransition()
    {
    }

    /// <summary>The run moved; <paramref name="Kind"/> names the fact for its history.</summary>
    public sealed record Moved(RunState State, string Kind, string? Reason) : RunTransition;

    /// <summary>The command had been carried out before, or there is nothing left to do.</summary>
    public sealed record Unchanged(RunState State) : RunTransition;

    /// <summary>The command may not be carried out from here.</summary>
    public sealed record Rejected(RunState State, string Reason) : RunTransition;
}

/// <summary>
/// The one owner of every transition of a run. Pure: the caller commits what it returns together with the history event and the
/// outbox entry. The table of states and commands is drawn in docs/states.md and held by a test.
/// </summary>
internal static class RunMachine
{
    /// <summary>Faults after which a run is given up: the first try and three more.</summary>
    public const int FaultsMax = 3;

    /// <summary>The fact that a run waits for approval.</summary>
    public const string HeldKind = "run.held";

    /// <summary>The fact that it was approved.</summary>
    public const string ApprovedKind = "run.approved";

    public static RunTransition Apply(RunState run, RunCommand command, DateTimeOffset now) => command switch
    {
        RunCommand.Hold hold => Hold(run, hold),
        RunCommand.Approve approve => Approve(run, approve),
        RunCommand.Admit => Admit(run, now),
        RunCommand.Reassign reassign => Reassign(run, reassign),
        RunCommand.Advance advance => Advance(run, advance),
        RunCommand.Place place => Place(run, place),
        RunCommand.Fault fault => Fault(run, fault, now),
        RunCommand.End end => End(run, end),
        RunCommand.Conclude conclude => Conclude(run, conclude),
        _ => throw new ArgumentOutOfRangeException(nameof(command)),
    };

    private static RunTransition Hold(RunState run, RunCommand.Hold hold) => run.Phase switch
    {
        RunPhase.Queued => Moved(run with { Phase = RunPhase.AwaitingApproval }, HeldKind, hold.Reason),
        RunPhase.AwaitingApproval => new RunTransition.Unchanged(run),
        _ => Rejected(run, hold),
    };

    private static RunTransition Approve(RunState run, RunCommand.Approve approve) => run.Phase switch
    {
        RunPhase.AwaitingApproval => Moved(run with { Phase = RunPhase.Queued }, ApprovedKind, $"approved by {approve.By}"),
        RunPhase.Concluded => Rejected(run, approve),
        _ => new RunTransition.Unchanged(run),
    };

    private static RunTransition Admit(RunState run, DateTimeOffset now) => run.Phase switch
    {
        RunPhase.Queued when run.NotBefore > now => new RunTransition.Rejected(run, "it waits before its next try"),
        RunPhase.Queued => Moved(run with { Phase = RunPhase.Admitted, Generation = run.Generation + 1, NotBefore = null }, "run.admitted", null),
        RunPhase.Concluded or RunPhase.AwaitingApproval => Rejected(run, new RunCommand.Admit()),
        _ => new RunTransition.Unchanged(run),
    };

    private static RunTransition Reassign(RunState run, RunCommand.Reassign reassign) => run.IsActive
        ? Moved(run with { Generation = run.Generation + 1 }, "run.reassigned", reassign.Reason)
        : Rejected(run, reassign);

    private static RunTransition Advance(RunState run, RunCommand.Advance advance)
    {
        if (Stale(run, advance.Generation) is { } stale)
        {
            return stale;
        }

        if (!run.IsActive || advance.To is not (RunPhase.Provisioning or RunPhase.Fetching or RunPhase.Running))
        {
            return Rejected(run, advance);
        }

        // A worker that takes over repeats what its predecessor may have done: every stage is idempotent. Only a new place leads back.
        return advance.To <= run.Phase
            ? new RunTransition.Unchanged(run)
            : Moved(run with { Phase = advance.To }, $"run.{Name(advance.To)}", null);
    }

    private static RunTransition Place(RunState run, RunCommand.Place place)
    {
        if (Stale(run, place.Generation) is { } stale)
        {
            return stale;
        }

        if (!run.IsActive)
        {
            return Rejected(run, place);
        }

        return run.Phase == RunPhase.Provisioning && run.Host == place.Host && run.Instance == place.Instance
            ? new RunTransition.Unchanged(run)
            : Moved(run with { Phase = RunPhase.Provisioning, Host = place.Host, Instance = place.Instance }, "run.placed", null);
    }

    private static RunTransition Fault(RunState run, RunCommand.Fault fault, DateTimeOffset now)
    {
        if (Stale(run, fault.Generation) is { } stale)
        {
            return stale;
        }

        if (!run.IsActive)
        {
            return Rejected(run, fault);
        }

        if (run.Ending is { } ending)
        {
            return Concluded(run, ending, fault.Reason);
        }

        var again = fault.Category is FaultCategory.Transient or FaultCategory.Infrastructure && run.Faults < FaultsMax;
        return again
            ? Moved(run with { Phase = RunPhase.Queued, Faults = run.Faults + 1, NotBefore = now + fault.Delay }, "run.faulted", fault.Reason)
            : Concluded(run, fault.Category is FaultCategory.Resource ? RunConclusion.Failure : RunConclusion.Neutral, fault.Reason);
    }

    private static RunTransition End(RunState run, RunCommand.End end) => run.Phase switch
    {
        RunPhase.Concluded => new RunTransition.Unchanged(run),
        RunPhase.Queued or RunPhase.AwaitingApproval => Concluded(run, end.Conclusion, end.Reason),
        _ when run.Ending is not null => new RunTransition.Unchanged(run),
        _ => Moved(run with { Ending = end.Conclusion }, "run.ending", end.Reason),
    };

    private static RunTransition Conclude(RunState run, RunCommand.Conclude conclude)
    {
        if (Stale(run, conclude.Generation) is { } stale)
        {
            return stale;
        }

        if (run.Phase is RunPhase.Concluded)
        {
            return new RunTransition.Unchanged(run);
        }

        // What was asked for from outside stands over what the worker found: its finding is about work nobody wants any more.
        return run.IsActive ? Concluded(run, run.Ending ?? conclude.Conclusion, conclude.Reason) : Rejected(run, conclude);
    }

    private static RunTransition.Moved Concluded(RunState run, RunConclusion conclusion, string reason) =>
        Moved(run with { Phase = RunPhase.Concluded, Conclusion = conclusion, Ending = null, NotBefore = null }, "run.concluded", reason);

    private static RunTransition.Rejected? Stale(RunState run, long generation) => generation == run.Generation
        ? null
        : new RunTransition.Rejected(run, $"generation {generation} was replaced by {run.Generation}");

    private static RunTransition.Moved Moved(RunState state, string kind, string? reason) => new(state, kind, reason);

    private static RunTransition.Rejected Rejected(RunState run, RunCommand command) =>
        new(run, $"{command.GetType().Name} is not allowed from {run.Phase}");

    private static string Name(RunPhase phase) => phase switch
    {
        RunPhase.Provisioning => "provisioning",
        RunPhase.Fetching => "fetching",
        _ => "running",
    };
}
