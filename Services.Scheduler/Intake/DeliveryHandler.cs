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
/// recorded together with the acknowledgement that Webhooks waits for.
/// </summary>
internal sealed partial class DeliveryHandler(
    PullRequestRuns pullRequests, ReRuns reRuns, IServiceScopeFactory scopes, RunSignals signals, IOptionsMonitor<GitHubOptions> options,
    TimeProvider time, ILogger<DeliveryHandler> logger) : IStreamHandler
{
    private static readonly HashSet<string> PullRequestActions =
        ["opened", "synchronize", "reopened", "ready_for_review", "closed", "converted_to_draft", "edited"];

    public async Task HandleAsync(IReadOnlyList<StreamEntry> entries, CancellationToken cancellationToken)
    {
        foreach (var entry in entries)
        {
            await Failpoint.PassAsync(FailpointNames.DeliveryTaken);
            await HandleAsync(entry.Envelope, entry.Envelope.Read(IntakeJsonContext.Default.DeliveryReceived), cancellationToken);
        }
    }

    public async Task OnDeadLetterAsync(StreamEntry entry, string cause, CancellationToken cancellationToken) => await RecordAsync(
        entry.Envelope, entry.Envelope.Read(IntakeJsonContext.Default.DeliveryReceived), DeliveryOutcome.Failed, cause, cancellationToken);

    private async Task HandleAsync(EventEnvelope envelope, DeliveryReceived delivery, CancellationToken cancellationToken)
    {
        if (await WasHandledAsync(envelope, delivery, cancellationToken))
        {
            return;
        }

        try
        {
            if (await ActAsync(envelope, delivery, cancellationToken) is { } ignored)
            {
                await RecordAsync(envelope, delivery, DeliveryOutcome.Ignored, ignored, cancellationToken);
            }
        }
        catch (GitHubException error) when (error.Category is not FaultCategory.Transient)
        {
            // Trying again cannot help: an unknown installation, a repository that is gone, or an App that lacks a right.
            Log.Failed(logger, delivery.Delivery, delivery.Event, error.Message);
            await RecordAsync(envelope, delivery, DeliveryOutcome.Failed, error.Message, cancellationToken);
        }
    }

    /// <returns>Why there was nothing to do; null if the work recorded the delivery itself.</returns>
    private async Task<string?> ActAsync(EventEnvelope envelope, DeliveryReceived delivery, CancellationToken cancellationToken)
    {
        if (delivery.Forge != options.CurrentValue.Forge)
        {
            return $"the forge {delivery.Forge} is not configured here";
        }

        if (delivery is not { InstallationId: { } installation, RepositoryId: { } id, Repository: { } name } || !GitHubClient.IsFullName(name))
        {
            return "it names no repository of an installation";
        }

        var repository = new GitHubRepositoryRef(installation, id, name);
        switch (delivery.Event, delivery.Action)
        {
            case ("pull_request", { } action) when PullRequestActions.Contains(action) && delivery.PullRequest is { } number:
                await pullRequests.ReconcileAsync(
                    repository, checked((int)number), $"{delivery.Event}.{action}", envelope.Owner, envelope.Traceparent,
                    (db, result) => Add(db, envelope, delivery, result.Ignored is null ? DeliveryOutcome.Handled : DeliveryOutcome.Ignored, result.Ignored),
                    cancellationToken);
                await Failpoint.PassAsync(FailpointNames.RunsMade);
                signals.Outbox.Raise();
                return null;
            case ("check_run", "rerequested") when RunId.TryParse(delivery.ExternalId, null, out var run):
                var again = await reRuns.AgainAsync(run, repository.Id, $"check_run.rerequested by {delivery.Sender}", envelope.Traceparent, cancellationToken);
                if (again.Made is null)
                {
                    return again.Refusal;
                }

                await RecordAsync(envelope, delivery, DeliveryOutcome.Handled, null, cancellationToken);
                return null;
            default:
                return $"nothing is done for {delivery.Event}{(delivery.Action is null ? string.Empty : $".{delivery.Action}")}";
        }
    }

    private async Task<bool> WasHandledAsync(EventEnvelope envelope, DeliveryReceived delivery, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var handled = await db.HandledDeliveries.AsNoTracking().SingleOrDefaultAsync(row => row.DeliveryId == delivery.Delivery, cancellationToken);
        if (handled is null || handled.Attempt < envelope.Generation || handled.Outcome == DeliveryOutcome.Failed)
        {
            return false;
        }

        // It was published again because our acknowledgement got lost: say it once more.
        db.Outbox.Add(Acknowledgement(envelope, delivery, handled.Outcome, handled.Cause));
        await db.SaveChangesAsync(cancellationToken);
        signals.Outbox.Raise();
        return true;
    }

    private async Task RecordAsync(EventEnvelope envelope, DeliveryReceived delivery, DeliveryOutcome outcome, string? cause, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        Add(db, envelope, delivery, outcome, cause);
        await db.SaveChangesAsync(cancellationToken);
        signals.Outbox.Raise();
    }

    private void Add(SchedulerDbContext db, EventEnvelope envelope, DeliveryReceived delivery, DeliveryOutcome outcome, string? cause)
    {
        var handled = db.HandledDeliveries.Find(delivery.Delivery);
        if (handled is null)
        {
            handled = new HandledDeliveryRow
            {
                DeliveryId = delivery.Delivery, TenantId = envelope.Owner.TenantId, OwnerTeam = envelope.Owner.OwnerTeam, CreatedBy = envelope.Owner.CreatedBy,
            };
            db.HandledDeliveries.Add(handled);
        }

        (handled.Attempt, handled.Outcome, handled.Cause, handled.HandledAt) = (envelope.Generation, outcome, cause, time.GetUtcNow());
        db.Outbox.Add(Acknowledgement(envelope, delivery, outcome, cause));
    }

    private OutboxRow Acknowledgement(EventEnvelope envelope, DeliveryReceived delivery, DeliveryOutcome outcome, string? cause) => new()
    {
        Stream = IntakeStreams.Acknowledgements,
        Kind = IntakeStreams.AcknowledgementKind,
        About = delivery.Delivery.Value,
        Generation = envelope.Generation,
        Data = JsonSerializer.Serialize(
            new DeliveryAcknowledgement(delivery.Delivery, envelope.Generation, outcome, cause), IntakeJsonContext.Default.DeliveryAcknowledgement),
        Traceparent = envelope.Traceparent,
        CreatedAt = time.GetUtcNow(),
        TenantId = envelope.Owner.TenantId,
        OwnerTeam = envelope.Owner.OwnerTeam,
        CreatedBy = envelope.Owner.CreatedBy,
    };

    private static partial class Log
    {
        [LoggerMessage(2301, LogLevel.Warning, "{Delivery} ({Event}) cannot be acted on: {Reason}")]
        public static partial void Failed(ILogger logger, DeliveryId delivery, string @event, string reason);
    }
}
