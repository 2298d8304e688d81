using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Services.Scheduler.Outbox;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Runs;

/// <summary>A transition that is to be committed: the row as it will be, its event, and, where a worker must hear of it, its outbox entry.</summary>
internal sealed record RunChange(RunRow Run, RunEventRow Event, OutboxRow? Work);

/// <summary>Makes a run's changes: the row, with its event and, where a worker must hear of it, its outbox entry.</summary>
internal static class RunChanges
{
    /// <summary>The stream of runs that a worker may take.</summary>
    public const string WorkStream = "work";

    /// <summary>Kind of its entries.</summary>
    public const string WorkKind = "run.work";

    /// <summary>Writes a transition onto the row, in memory.</summary>
    /// <returns>The change, to be committed under the version before.</returns>
    public static RunChange Apply(RunRow run, RunTransition.Moved moved, DateTimeOffset now)
    {
        var before = run.State;
        run.State = moved.State;
        run.Version++;
        run.Reason = moved.Reason ?? run.Reason;
        if (run.Generation != before.Generation || !moved.State.IsActive)
        {
            (run.LeaseOwner, run.LeaseExpiresAt) = (null, null);
        }

        Stamp(run, before.Phase, now);
        var told = Event(run, moved.Kind, new RunEventData(run.Phase, run.Conclusion, run.Ending, moved.Reason, null), now);
        return new RunChange(run, told, run.Generation != before.Generation && moved.State.IsActive ? Work(run, now) : null);
    }

    /// <summary>The same for a row that a context tracks. The caller saves.</summary>
    public static void Record(SchedulerDbContext db, RunRow run, RunTransition.Moved moved, DateTimeOffset now)
    {
        var change = Apply(run, moved, now);
        db.RunEvents.Add(change.Event);
        if (change.Work is { } work)
        {
            db.Outbox.Add(work);
        }
    }

    /// <summary>The first event of a new run.</summary>
    public static void AddQueued(SchedulerDbContext db, RunRow run, DateTimeOffset now)
    {
        run.Version = 1;
        db.RunEvents.Add(Event(run, "run.queued", new RunEventData(run.Phase, null, null, run.Trigger, null), now));
    }

    /// <summary>A fact that moves no state, such as a step's progress. It too raises the run's version.</summary>
    public static void AddFact(SchedulerDbContext db, RunRow run, string kind, StepEventData step, DateTimeOffset now)
    {
        run.Version++;
        db.RunEvents.Add(Event(run, kind, new RunEventData(run.Phase, run.Conclusion, run.Ending, null, step), now));
    }

    public static OutboxRow Work(RunRow run, DateTimeOffset now) => new()
    {
        Stream = WorkStream,
        Kind = WorkKind,
        About = run.Id.Value,
        Generation = run.Generation,
        Data = JsonSerializer.Serialize(new WorkEntry(run.Id, run.Generation), RunJsonContext.Default.WorkEntry),
        Traceparent = run.Traceparent,
        CreatedAt = now,
        TenantId = run.TenantId,
        OwnerTeam = run.OwnerTeam,
        CreatedBy = run.CreatedBy,
    };

    private static void Stamp(RunRow run, RunPhase before, DateTimeOffset now)
    {
        if (run.Phase == before)
        {
            return;
        }

        switch (run.Phase)
        {
            case RunPhase.Admitted:
                run.AdmittedAt = now;
                break;
            case RunPhase.Provisioning or RunPhase.Fetching or RunPhase.Running:
                run.StartedAt ??= now;
                break;
            case RunPhase.Concluded:
                run.ConcludedAt = now;

                // Without an instance there is nothing to remove.
                run.CleanedAt = run.Instance is null ? now : null;
                break;
        }
    }

    private static RunEventRow Event(RunRow run, string kind, RunEventData data, DateTimeOffset now) => new()
    {
        RunId = run.Id,
        Sequence = run.Version,
        Id = EnvelopeId.From(Guid.CreateVersion7(now)),
        Generation = run.Generation,
        Time = now,
        Kind = kind,
        Data = JsonSerializer.Serialize(data, RunJsonContext.Default.RunEventData),
        Traceparent = run.Traceparent,
        TenantId = run.TenantId,
        OwnerTeam = run.OwnerTeam,
        CreatedBy = run.CreatedBy,
    };
}
