using System.Diagnostics;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Reviews;
using AgentPlatform.Contracts.Runs;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Services.Sessions.Events;
using Services.Sessions.ModelGateway;
using Services.Sessions.Storage;

namespace Services.Sessions.Reviews;

/// <summary>Reviews in Postgres: who asked for what, who drives it, and what came of it.</summary>
internal sealed class ReviewStore(IServiceScopeFactory scopes, ReviewSignals signals, SessionNews news, TimeProvider time)
{
    /// <summary>Takes up a review, or finds the one that an earlier call with its session took up.</summary>
    /// <returns>Null if the call's generation is older than one that was seen.</returns>
    public async Task<ReviewRow?> StartAsync(StartReviewRequest request, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        var row = await db.Reviews.SingleOrDefaultAsync(review => review.Id == request.Session, cancellationToken);
        if (row is null)
        {
            row = New(request);
            db.Reviews.Add(row);
        }
        else if (row.Generation > request.Generation)
        {
            return null;
        }
        else if (row.Generation < request.Generation)
        {
            // Another worker drives the run now. The agent goes on; what it is asked from here on carries the new fence.
            row.Generation = request.Generation;
        }
        else
        {
            return row;
        }

        try
        {
            await db.SaveChangesAsync(cancellationToken);
        }
        catch (DbUpdateException error) when (error.InnerException is PostgresException { SqlState: PostgresErrorCodes.UniqueViolation })
        {
            return await FindAsync(request.Session, cancellationToken);
        }

        signals.Wanted.Raise();
        return row;
    }

    public async Task<ReviewRow?> FindAsync(SessionId session, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        return await db.Reviews.AsNoTracking().SingleOrDefaultAsync(review => review.Id == session, cancellationToken);
    }

    /// <summary>Takes the lease of some running reviews that nobody drives.</summary>
    public async Task<IReadOnlyList<ReviewRow>> ClaimAsync(string worker, TimeSpan lease, int max, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        return await db.Reviews.FromSqlRaw(
            """
            UPDATE sessions.reviews SET lease_owner = @worker, lease_expires_at = now() + @lease
            WHERE id IN (
                SELECT id FROM sessions.reviews
                WHERE state = 'running' AND (lease_owner IS NULL OR lease_expires_at < now())
                ORDER BY started_at LIMIT @max FOR UPDATE SKIP LOCKED)
            RETURNING *
            """,
            new NpgsqlParameter("worker", worker), new NpgsqlParameter("lease", lease), new NpgsqlParameter("max", max)).AsNoTracking().ToListAsync(cancellationToken);
    }

    /// <summary>Renews a lease; null if the review has ended or another drives it.</summary>
    public async Task<ReviewRow?> RenewAsync(SessionId session, string worker, TimeSpan lease, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        var renewed = await db.Reviews.FromSqlRaw(
            "UPDATE sessions.reviews SET lease_expires_at = now() + @lease WHERE id = @id AND lease_owner = @worker AND state = 'running' RETURNING *",
            new NpgsqlParameter("lease", lease), new NpgsqlParameter("id", session.Value), new NpgsqlParameter("worker", worker)).AsNoTracking().ToListAsync(cancellationToken);
        return renewed.SingleOrDefault();
    }

    /// <summary>Asks for a stop; whoever drives the review carries it out.</summary>
    public async Task RequestStopAsync(SessionId session, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        await db.Reviews.Where(review => review.Id == session && review.State == ReviewState.Running)
            .ExecuteUpdateAsync(review => review.SetProperty(row => row.StopRequested, true), cancellationToken);
        signals.Wanted.Raise();
    }

    /// <summary>Writes how it ended. Only the driver that holds the lease may, and only once.</summary>
    public async Task EndAsync(SessionId session, string worker, ReviewOutcome outcome, CancellationToken cancellationToken)
    {
        var findings = JsonSerializer.Serialize(outcome.Findings, ReviewFindingsJsonContext.Default.IReadOnlyListReviewFinding);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        await db.Reviews.Where(review => review.Id == session && review.State == ReviewState.Running && review.LeaseOwner == worker).ExecuteUpdateAsync(
            review => review
                .SetProperty(row => row.State, outcome.State)
                .SetProperty(row => row.Summary, outcome.Summary)
                .SetProperty(row => row.Findings, findings)
                .SetProperty(row => row.Fault, outcome.Fault)
                .SetProperty(row => row.FaultCategory, outcome.FaultCategory)
                .SetProperty(row => row.Turns, outcome.Turns)
                .SetProperty(row => row.EndedAt, time.GetUtcNow()),
            cancellationToken);
        signals.Ended(session);
        news.Raise(session);
    }

    /// <summary>The review as the contract shows it, with what the model gateway counted.</summary>
    public async Task<Review> ViewAsync(ReviewRow row, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        var spent = await Spend.OfAsync(db, row.Id, cancellationToken);
        var findings = JsonSerializer.Deserialize(row.Findings, ReviewFindingsJsonContext.Default.IReadOnlyListReviewFinding) ?? [];
        return new Review(row.Id, row.State, row.Summary, findings, new ReviewUsage(spent.InputTokens, spent.OutputTokens, spent.CostUsd, row.Turns), row.Fault, row.FaultCategory);
    }

    private ReviewRow New(StartReviewRequest request) => new()
    {
        Id = request.Session,
        RunId = request.Run,
        Generation = request.Generation,
        Host = request.Host.AbsoluteUri,
        Instance = request.Instance,
        Command = CommandId.New(time),
        Request = JsonSerializer.Serialize(request, ReviewsJsonContext.Default.StartReviewRequest),
        State = ReviewState.Running,
        Traceparent = Activity.Current?.Id,
        StartedAt = time.GetUtcNow(),
        TenantId = request.Owner.TenantId,
        OwnerTeam = request.Owner.OwnerTeam,
        CreatedBy = request.Owner.CreatedBy,
    };
}

/// <summary>How a review ended.</summary>
internal sealed record ReviewOutcome(
    ReviewState State, string? Summary, IReadOnlyList<ReviewFinding> Findings, int Turns, string? Fault = null, FaultCategory? FaultCategory = null)
{
    public static ReviewOutcome Failed(FaultCategory category, string fault) => new(ReviewState.Failed, null, [], 0, fault, category);
}

[System.Text.Json.Serialization.JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[System.Text.Json.Serialization.JsonSerializable(typeof(IReadOnlyList<ReviewFinding>))]
internal sealed partial class ReviewFindingsJsonContext : System.Text.Json.Serialization.JsonSerializerContext;
