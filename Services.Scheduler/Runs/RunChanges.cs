using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Services.Scheduler.Outbox;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Runs;

/// <summary>Writes a transition onto the row, with its event and, where a worker must hear of it, its outbox entry. The caller saves.</summary>
internal static class RunChanges
{
    /// <summary>The stream of runs that a worker may take.</summary>
    public const string WorkStream = "work";

    /// <summary>Kind of its entries.</summary>
    public const string WorkKind = "run.work";

    public static void Record(SchedulerDbContext db, RunRow run, RunTransition.Moved moved, DateTimeOffset now)
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
        AddEvent(db, run, moved.Kind, new RunEventData(run.Phase, run.Conclusion, run.Ending, moved.Reason, null), now);
        if (run.Generation != before.Generation && moved.State.IsActive)
        {
            db.Outbox.Add(Work(run, now));
        }
    }

    /// <summary>The first event of a new run.</summary>
    public static void AddQueued(SchedulerDbContext db, RunRow run, DateTimeOffset now)
    {
        run.Version = 1;
        AddEvent(db, run, "run.queued", new RunEventData(run.Phase, null, null, run.Trigger, null), now);
    }

    /// <summary>A fact that moves no state, such as a step's progress. It too raises the run's version.</summary>
    public static void AddFact(SchedulerDbContext db, RunRow run, string kind, StepEventData step, DateTimeOffset now)
    {
        run.Version++;
        AddEvent(db, run, kind, new RunEventData(run.Phase, run.Conclusion, run.Ending, null, step), now);
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
                break;
        }
    }

    private static void AddEvent(SchedulerDbContext db, RunRow run, string kind, RunEventData data, DateTimeOffset now) => db.RunEvents.Add(new RunEventRow
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
    });
}
