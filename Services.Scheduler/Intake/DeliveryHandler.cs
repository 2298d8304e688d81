using System.Runtime.ExceptionServices;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.ServiceDefaults.GitHub;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Services.Scheduler.GitHub;
using Services.Scheduler.Outbox;
using Services.Scheduler.PullRequests;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Intake;

/// <summary>
/// Stream <c>intake</c>: a delivery is a hint that something may have changed. What is to be done is read from GitHub, done, and
/// recorded together with the acknowledgement that Webhooks waits for; several deliveries in one transaction when many come.
/// </summary>
internal sealed partial class DeliveryHandler(
    PullRequestRuns pullRequests, ReRuns reRuns, IServiceScopeFactory scopes, RunSignals signals, IOptionsMonitor<GitHubOptions> options,
    TimeProvider time, ILogger<DeliveryHandler> logger) : IStreamHandler
{
    /// <summary>How long GitHub may limit us or be away before a delivery counts as failed; one that is sent again then runs.</summary>
    private static readonly TimeSpan OutageMax = TimeSpan.FromHours(6);

    private static readonly HashSet<string> PullRequestActions =
        ["opened", "synchronize", "reopened", "ready_for_review", "closed", "converted_to_draft", "edited"];

    public async Task HandleAsync(IReadOnlyList<StreamEntry> entries, CancellationToken cancellationToken)
    {
        await Failpoint.PassAsync(FailpointNames.DeliveryTaken);
        var hints = await UnhandledAsync([.. entries.Select(entry => new Hint(entry.Envelope, entry.Envelope.Read(IntakeJsonContext.Default.DeliveryReceived)))], cancellationToken);
        var looked = await Task.WhenAll(hints.Select(hint => LookAsync(hint, cancellationToken)));

        // Several deliveries about one pull request say the same: look.
        var seen = looked.Where(look => look.Sight is not null).GroupBy(look => look.Sight!.Key).ToList();
        if (seen.Count > 0)
        {
            await pullRequests.ReconcileAsync(
                seen.ConvertAll(same => same.Last().Sight!),
                (db, results) =>
                {
                    for (var index = 0; index < seen.Count; index++)
                    {
                        var ignored = results[index].Ignored;
                        foreach (var look in seen[index])
                        {
                            Record(db, look.Hint, ignored is null ? DeliveryOutcome.Handled : DeliveryOutcome.Ignored, ignored);
                        }
                    }
                },
                cancellationToken);
            await Failpoint.PassAsync(FailpointNames.RunsMade);
            signals.Outbox.Raise();
        }

        if (looked.Where(look => look is { Sight: null, Outage: null }).ToList() is { Count: > 0 } decided)
        {
            await SaveAsync(db => decided.ForEach(look => Record(db, look.Hint, look.Outcome, look.Cause)), cancellationToken);
        }

        // One installation's limit holds up its own deliveries only: what the others came to is recorded, and is found when the batch comes again.
        if (looked.Select(look => look.Outage).OfType<GitHubException>().MaxBy(outage => outage.RetryAfter ?? TimeSpan.Zero) is { } outage)
        {
            ExceptionDispatchInfo.Throw(outage);
        }
    }

    public async Task OnDeadLetterAsync(StreamEntry entry, string cause, CancellationToken cancellationToken)
    {
        var hint = new Hint(entry.Envelope, entry.Envelope.Read(IntakeJsonContext.Default.DeliveryReceived));
        hint.Before = (await ReadHandledAsync([hint], cancellationToken)).SingleOrDefault();
        await SaveAsync(db => Record(db, hint, DeliveryOutcome.Failed, cause), cancellationToken);
    }

    /// <summary>Leaves out what was handled before: it was published again because our acknowledgement got lost, so that is said once more.</summary>
    private async Task<IReadOnlyList<Hint>> UnhandledAsync(IReadOnlyList<Hint> hints, CancellationToken cancellationToken)
    {
        // Two copies of one delivery may come together.
        var each = hints.DistinctBy(hint => hint.Delivery.Delivery).ToList();
        var before = (await ReadHandledAsync(each, cancellationToken)).ToDictionary(row => row.DeliveryId);
        each.ForEach(hint => hint.Before = before.GetValueOrDefault(hint.Delivery.Delivery));
        var handled = each.Where(hint => hint.Before is { } row && row.Attempt >= hint.Envelope.Generation && row.Outcome != DeliveryOutcome.Failed).ToList();
        if (handled.Count > 0)
        {
            await SaveAsync(db => db.Outbox.AddRange(handled.Select(hint => Acknowledgement(hint, hint.Before!.Outcome, hint.Before.Cause))), cancellationToken);
        }

        return [.. each.Except(handled)];
    }

    private async Task<List<HandledDeliveryRow>> ReadHandledAsync(IReadOnlyList<Hint> hints, CancellationToken cancellationToken)
    {
        var ids = hints.Select(hint => hint.Delivery.Delivery).ToArray();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.HandledDeliveries.AsNoTracking().Where(row => ids.Contains(row.DeliveryId)).ToListAsync(cancellationToken);
    }

    /// <summary>What a delivery is about: a sight of its pull request, or why there is nothing to look at.</summary>
    private async Task<Look> LookAsync(Hint hint, CancellationToken cancellationToken)
    {
        var delivery = hint.Delivery;
        if (delivery.Forge != options.CurrentValue.Forge)
        {
            return Ignored($"the forge {delivery.Forge} is not configured here");
        }

        if (delivery is not { InstallationId: { } installation, RepositoryId: { } id, Repository: { } name } || !GitHubClient.IsFullName(name))
        {
            return Ignored("it names no repository of an installation");
        }

        var repository = new GitHubRepositoryRef(installation, id, name);
        try
        {
            switch (delivery.Event, delivery.Action)
            {
                case ("pull_request", { } action) when PullRequestActions.Contains(action) && delivery.PullRequest is { } number:
                    var sight = await pullRequests.LookAsync(
                        repository, checked((int)number), $"{delivery.Event}.{action}", hint.Envelope.Owner, hint.Envelope.Traceparent, cancellationToken);
                    return new Look(hint, sight, DeliveryOutcome.Handled, null);
                case ("check_run", "rerequested") when RunId.TryParse(delivery.ExternalId, null, out var run):
                    var again = await reRuns.AgainAsync(run, repository.Id, $"check_run.rerequested by {delivery.Sender}", hint.Envelope.Traceparent, cancellationToken);
                    return again.Made is null ? Ignored(again.Refusal) : new Look(hint, null, DeliveryOutcome.Handled, null);
                default:
                    return Ignored($"nothing is done for {delivery.Event}{(delivery.Action is null ? string.Empty : $".{delivery.Action}")}");
            }
        }
        catch (GitHubException error) when (error.Category is FaultCategory.Transient && time.GetUtcNow() - hint.Envelope.Time < OutageMax)
        {
            return new Look(hint, null, DeliveryOutcome.Failed, error.Message, error);
        }
        catch (GitHubException error)
        {
            // Trying again cannot help, or has not helped: an unknown installation, a repository that is gone, an App that lacks a right, an outage without end.
            Log.Failed(logger, delivery.Delivery, delivery.Event, error.Message);
            return new Look(hint, null, DeliveryOutcome.Failed, error.Message);
        }

        Look Ignored(string? cause) => new(hint, null, DeliveryOutcome.Ignored, cause);
    }

    private async Task SaveAsync(Action<SchedulerDbContext> change, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        change(db);
        await db.SaveChangesAsync(cancellationToken);
        signals.Outbox.Raise();
    }

    private void Record(SchedulerDbContext db, Hint hint, DeliveryOutcome outcome, string? cause)
    {
        var (envelope, handled) = (hint.Envelope, hint.Before);
        if (handled is null)
        {
            handled = new HandledDeliveryRow
            {
                DeliveryId = hint.Delivery.Delivery,
                TenantId = envelope.Owner.TenantId,
                OwnerTeam = envelope.Owner.OwnerTeam,
                CreatedBy = envelope.Owner.CreatedBy,
            };
            db.HandledDeliveries.Add(handled);
        }
        else
        {
            db.HandledDeliveries.Update(handled);
        }

        (handled.Attempt, handled.Outcome, handled.Cause, handled.HandledAt) = (envelope.Generation, outcome, cause, time.GetUtcNow());
        db.Outbox.Add(Acknowledgement(hint, outcome, cause));
    }

    private OutboxRow Acknowledgement(Hint hint, DeliveryOutcome outcome, string? cause) => new()
    {
        Stream = IntakeStreams.Acknowledgements,
        Kind = IntakeStreams.AcknowledgementKind,
        About = hint.Delivery.Delivery.Value,
        Generation = hint.Envelope.Generation,
        Data = JsonSerializer.Serialize(
            new DeliveryAcknowledgement(hint.Delivery.Delivery, hint.Envelope.Generation, outcome, cause), IntakeJsonContext.Default.DeliveryAcknowledgement),
        Traceparent = hint.Envelope.Traceparent,
        CreatedAt = time.GetUtcNow(),
        TenantId = hint.Envelope.Owner.TenantId,
        OwnerTeam = hint.Envelope.Owner.OwnerTeam,
        CreatedBy = hint.Envelope.Owner.CreatedBy,
    };

    /// <summary>A delivery, and what was recorded of it before.</summary>
    private sealed record Hint(EventEnvelope Envelope, DeliveryReceived Delivery)
    {
        public HandledDeliveryRow? Before { get; set; }
    }

    private sealed record Look(Hint Hint, PullRequestSight? Sight, DeliveryOutcome Outcome, string? Cause, GitHubException? Outage = null);

    private static partial class Log
    {
        [LoggerMessage(2301, LogLevel.Warning, "{Delivery} ({Event}) cannot be acted on: {Reason}")]
        public static partial void Failed(ILogger logger, DeliveryId delivery, string @event, string reason);
    }
}
