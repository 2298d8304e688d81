using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.GitHub;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using Services.Scheduler.GitHub;
using Services.Scheduler.Policies;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.PullRequests;

/// <summary>What making the desired state so came to.</summary>
/// <param name="Made">New runs.</param>
/// <param name="Ended">Runs that were told to end.</param>
/// <param name="Kept">Runs that were under way for the head and stay.</param>
/// <param name="Ignored">Why there was nothing to do, or null.</param>
internal sealed record Reconciled(IReadOnlyList<RunRow> Made, IReadOnlyList<RunId> Ended, IReadOnlyList<RunRow> Kept, string? Ignored = null);

/// <summary>What GitHub said of a pull request at one moment.</summary>
/// <param name="Forge">The forge.</param>
/// <param name="Repository">The repository.</param>
/// <param name="Subject">Such as <c>pr/12</c>.</param>
/// <param name="Wanted">The runs that its head should have, or null if it should have none.</param>
/// <param name="Unwanted">Why it should have none.</param>
internal sealed record PullRequestSight(string Forge, GitHubRepositoryRef Repository, string Subject, WantedRuns? Wanted, string? Unwanted)
{
    public (long Repository, string Subject) Key => (Repository.Id, Subject);
}

/// <param name="Run">What its runs have in common.</param>
/// <param name="Pull">The pull request, open.</param>
/// <param name="Reading">The policy that counts.</param>
/// <param name="Again">Whether what is concluded gets another attempt.</param>
internal sealed record WantedRuns(WantedRun Run, GitHubPull Pull, PolicyReading Reading, bool Again);

/// <summary>
/// Makes the desired state of pull requests so: for the head that GitHub's API names now, every workflow of the policy has one live
/// or concluded run, and nothing older is live. Called as often as anybody likes, in any order: a second call finds nothing to do.
/// </summary>
internal sealed class PullRequestRuns(
    GitHubClient github, PolicyCache policies, RunFactory factory, RunStore store, IServiceScopeFactory scopes, IOptionsMonitor<GitHubOptions> options)
{
    /// <summary>Why a fork's run is held.</summary>
    internal const string NeedsApproval = "the change comes from a fork: a person with write access must approve this commit";

    private static readonly Workflow UnreadablePolicy = new("policy", [], [], WorkflowLimits.Default, Priority.Normal);

    /// <summary>Looks at what GitHub says of a pull request now.</summary>
    public async Task<PullRequestSight> LookAsync(
        GitHubRepositoryRef repository, int number, string trigger, Ownership owner, string? traceparent, CancellationToken cancellationToken)
    {
        var forge = options.CurrentValue.Forge;
        GitHubPull? pull;
        try
        {
            pull = await github.GetPullAsync(repository, number, cancellationToken);
        }
        catch (GitHubException error) when (error is { IsGone: true, IsInstallationGone: false })
        {
            pull = null;
        }

        if (pull is not { State: "open" })
        {
            return new PullRequestSight(forge, repository, $"pr/{number}", null, pull is null ? "the pull request is gone" : "the pull request is closed");
        }

        var reading = await policies.ReadAsync(forge, repository, pull.Base.Sha, cancellationToken);
        return pull.Draft && reading.Policy is not { Drafts: true }
            ? new PullRequestSight(forge, repository, $"pr/{number}", null, "the pull request is a draft")
            : Sight(repository, pull, reading, RunKind.PullRequest, trigger, owner, traceparent, again: false);
    }

    /// <summary>Somebody asks for runs of a pull request's head: what is under way for it stays, what is concluded gets another attempt.</summary>
    /// <param name="repository">The repository.</param>
    /// <param name="pull">The pull request, open, as GitHub's API tells it.</param>
    /// <param name="trigger">What to show as the cause.</param>
    /// <param name="owner">Whose the runs will be.</param>
    /// <param name="traceparent">The trace they will belong to.</param>
    /// <param name="also">Committed together with the new runs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Reconciled> StartAsync(
        GitHubRepositoryRef repository, GitHubPull pull, string trigger, Ownership owner, string? traceparent,
        Action<SchedulerDbContext, Reconciled> also, CancellationToken cancellationToken)
    {
        var reading = await policies.ReadAsync(options.CurrentValue.Forge, repository, pull.Base.Sha, cancellationToken);
        var sight = Sight(repository, pull, reading, RunKind.Manual, trigger, owner, traceparent, again: true);
        return (await ReconcileAsync([sight], (db, made) => also(db, made[0]), cancellationToken))[0];
    }

    /// <summary>Makes the desired state of some pull requests so, in one transaction.</summary>
    /// <param name="sights">What GitHub says of each; no pull request twice.</param>
    /// <param name="also">Committed together with the new runs; gets what became of each sight, in their order.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<IReadOnlyList<Reconciled>> ReconcileAsync(
        IReadOnlyList<PullRequestSight> sights, Action<SchedulerDbContext, IReadOnlyList<Reconciled>> also, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var ended = sights.ToDictionary(sight => sight.Key, _ => new HashSet<RunId>());
        var reconciled = await db.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await LockAsync(db, sights, cancellationToken);
            var there = (await OfSubjects(db, sights).ToListAsync(cancellationToken)).ToLookup(run => (run.RepositoryId, run.Subject));
            foreach (var sight in sights)
            {
                // Each in a commit of its own: nothing of this transaction is on their rows, and a repetition finds them ended.
                ended[sight.Key].UnionWith(await EndAsync(sight, there[sight.Key], cancellationToken));
            }

            var results = sights.Select(sight => Make(db, sight, [.. ended[sight.Key]], there[sight.Key])).ToList();
            also(db, results);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return results;
        });
        foreach (var result in reconciled)
        {
            store.Announce(result.Made);
        }

        return reconciled;
    }

    private PullRequestSight Sight(
        GitHubRepositoryRef repository, GitHubPull pull, PolicyReading reading, RunKind kind, string trigger, Ownership owner, string? traceparent, bool again)
    {
        var (forge, subject) = (options.CurrentValue.Forge, $"pr/{pull.Number}");
        var wanted = new WantedRun(
            forge, repository, subject, kind, pull.Head.Sha, pull.Base.Sha, pull.Head.Ref, pull.Number, pull.Title, trigger, owner, traceparent);
        return new PullRequestSight(forge, repository, subject, new WantedRuns(wanted, pull, reading, again), null);
    }

    private Reconciled Make(SchedulerDbContext db, PullRequestSight sight, IReadOnlyList<RunId> ended, IEnumerable<RunRow> ofSubject)
    {
        if (sight.Wanted is not { } wanted)
        {
            return new Reconciled([], ended, [], ended.Count == 0 ? sight.Unwanted : null);
        }

        var there = ofSubject.Where(run => run.HeadSha == wanted.Run.HeadSha).ToList();
        var (made, kept) = (new List<RunRow>(), new List<RunRow>());
        foreach (var workflow in wanted.Reading.Policy?.Workflows ?? [UnreadablePolicy])
        {
            var attempts = there.Where(run => run.Workflow == workflow.Name).ToList();

            kept.AddRange(attempts.Where(IsLive));
            if (attempts.Exists(run => IsLive(run) || (!wanted.Again && SaysSomething(run))))
            {
                continue;
            }

            var run = factory.Add(db, wanted.Run, workflow, attempts.Select(item => item.Attempt).DefaultIfEmpty(0).Max() + 1);
            Decide(db, run, wanted.Pull, wanted.Reading);
            made.Add(run);
        }

        return new Reconciled(made, ended, kept, made.Count + ended.Count == 0 ? "every workflow has its run" : null);
    }

    private static bool IsLive(RunRow run) => run.Phase != RunPhase.Concluded && run.Ending is null;

    /// <summary>A run that was ended from outside says nothing about the commit; when its head is wanted again, it needs a new attempt.</summary>
    private static bool SaysSomething(RunRow run) => (run.Conclusion ?? run.Ending) is not (RunConclusion.Superseded or RunConclusion.Cancelled);

    /// <summary>Some runs are decided, or held, as soon as they are wanted.</summary>
    private static void Decide(SchedulerDbContext db, RunRow run, GitHubPull pull, PolicyReading reading)
    {
        RunCommand? command = reading.Policy switch
        {
            null => new RunCommand.End(RunConclusion.Failure, $"{PolicyFile.Path} is not valid: {string.Join("; ", reading.Errors)}"),
            { Forks: ForkTrust.Block } when pull.IsFork => new RunCommand.End(RunConclusion.Skipped, "pull requests from forks are not run here"),
            { Forks: ForkTrust.Approve } when pull.IsFork => new RunCommand.Hold(NeedsApproval),
            _ => null,
        };
        if (command is not null && RunMachine.Apply(run.State, command, run.QueuedAt) is RunTransition.Moved moved)
        {
            RunChanges.Record(db, run, moved, run.QueuedAt);
        }
    }

    /// <summary>Ends what is live for another head, or all if nothing is wanted.</summary>
    private async Task<IReadOnlyList<RunId>> EndAsync(PullRequestSight sight, IEnumerable<RunRow> ofSubject, CancellationToken cancellationToken)
    {
        var head = sight.Wanted?.Run.HeadSha;
        var command = head is null
            ? new RunCommand.End(RunConclusion.Cancelled, sight.Unwanted!)
            : new RunCommand.End(RunConclusion.Superseded, $"superseded by {head[..7]}");
        var old = ofSubject.Where(run => IsLive(run) && run.HeadSha != head).ToList();
        foreach (var run in old)
        {
            await store.ApplyAsync(run, command, cancellationToken);
        }

        return old.ConvertAll(run => run.Id);
    }

    private static IQueryable<RunRow> OfSubjects(SchedulerDbContext db, IReadOnlyList<PullRequestSight> sights) => db.Runs.FromSqlRaw(
        """
        SELECT r.* FROM unnest(@forges, @repositories, @subjects) AS s (forge, repository, subject)
        JOIN scheduler.runs r ON r.forge = s.forge AND r.repository_id = s.repository AND r.subject = s.subject
        """,
        new NpgsqlParameter("forges", sights.Select(sight => sight.Forge).ToArray()),
        new NpgsqlParameter("repositories", sights.Select(sight => sight.Repository.Id).ToArray()),
        new NpgsqlParameter("subjects", sights.Select(sight => sight.Subject).ToArray())).AsNoTracking();

    /// <summary>Two deliveries about one pull request take turns, so that neither makes what the other has just made; all take the locks in one order.</summary>
    private static Task LockAsync(SchedulerDbContext db, IReadOnlyList<PullRequestSight> sights, CancellationToken cancellationToken)
    {
        var keys = sights.Select(sight => $"agentplatform/subject/{sight.Forge}/{sight.Repository.Id}/{sight.Subject}").ToArray();
        return db.Database.ExecuteSqlAsync(
            $"SELECT pg_advisory_xact_lock(k.key) FROM (SELECT DISTINCT hashtextextended(t, 0) AS key FROM unnest({keys}) AS t ORDER BY 1) k", cancellationToken);
    }
}
