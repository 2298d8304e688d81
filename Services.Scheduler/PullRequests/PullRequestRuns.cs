using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.GitHub;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
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

/// <summary>
/// Makes the desired state of a pull request so: for the head that GitHub's API names now, every workflow of the policy has one live
/// or concluded run, and nothing older is live. Called as often as anybody likes, in any order: a second call finds nothing to do.
/// </summary>
internal sealed class PullRequestRuns(
    GitHubClient github, PolicyCache policies, RunFactory factory, RunStore store, IServiceScopeFactory scopes, IOptionsMonitor<GitHubOptions> options)
{
    private static readonly Workflow UnreadablePolicy = new("policy", [], [], WorkflowLimits.Default, Priority.Normal);

    /// <param name="repository">The repository.</param>
    /// <param name="number">The pull request.</param>
    /// <param name="trigger">What caused the look.</param>
    /// <param name="owner">Whose the runs will be.</param>
    /// <param name="traceparent">The trace they will belong to.</param>
    /// <param name="also">Committed together with the new runs.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<Reconciled> ReconcileAsync(
        GitHubRepositoryRef repository, int number, string trigger, Ownership owner, string? traceparent,
        Action<SchedulerDbContext, Reconciled> also, CancellationToken cancellationToken)
    {
        var subject = $"pr/{number}";
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
            var reason = pull is null ? "the pull request is gone" : "the pull request is closed";
            return await EndAllAsync(repository, subject, reason, also, cancellationToken);
        }

        var reading = await policies.ReadAsync(options.CurrentValue.Forge, repository, pull.Base.Sha, cancellationToken);
        if (pull.Draft && reading.Policy is not { Drafts: true })
        {
            return await EndAllAsync(repository, subject, "the pull request is a draft", also, cancellationToken);
        }

        var ended = await SupersedeAsync(repository, subject, pull.Head.Sha, cancellationToken);
        var wanted = new WantedRun(
            options.CurrentValue.Forge, repository, subject, RunKind.PullRequest, pull.Head.Sha, pull.Base.Sha, pull.Head.Ref, number,
            pull.Title, trigger, owner, traceparent);
        return await MakeAsync(wanted, pull, reading, ended, again: false, also, cancellationToken);
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
        var subject = $"pr/{pull.Number}";
        var reading = await policies.ReadAsync(options.CurrentValue.Forge, repository, pull.Base.Sha, cancellationToken);
        var ended = await SupersedeAsync(repository, subject, pull.Head.Sha, cancellationToken);
        var wanted = new WantedRun(
            options.CurrentValue.Forge, repository, subject, RunKind.Manual, pull.Head.Sha, pull.Base.Sha, pull.Head.Ref, pull.Number,
            pull.Title, trigger, owner, traceparent);
        return await MakeAsync(wanted, pull, reading, ended, again: true, also, cancellationToken);
    }

    private async Task<Reconciled> MakeAsync(
        WantedRun wanted, GitHubPull pull, PolicyReading reading, IReadOnlyList<RunId> ended, bool again, Action<SchedulerDbContext, Reconciled> also,
        CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var reconciled = await db.Database.CreateExecutionStrategy().ExecuteAsync(async () =>
        {
            db.ChangeTracker.Clear();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            await LockAsync(db, wanted, cancellationToken);
            var there = await db.Runs.AsNoTracking()
                .Where(run => run.Forge == wanted.Forge && run.RepositoryId == wanted.Repository.Id && run.Subject == wanted.Subject && run.HeadSha == wanted.HeadSha)
                .ToListAsync(cancellationToken);
            var made = new List<RunRow>();
            var kept = new List<RunRow>();
            foreach (var workflow in reading.Policy?.Workflows ?? [UnreadablePolicy])
            {
                var attempts = there.Where(run => run.Workflow == workflow.Name).ToList();

                kept.AddRange(attempts.Where(IsLive));
                if (attempts.Exists(run => IsLive(run) || (!again && SaysSomething(run))))
                {
                    continue;
                }

                var run = factory.Add(db, wanted, workflow, attempts.Select(item => item.Attempt).DefaultIfEmpty(0).Max() + 1);
                Decide(db, run, pull, reading);
                made.Add(run);
            }

            var result = new Reconciled(made, ended, kept, made.Count + ended.Count == 0 ? "every workflow has its run" : null);
            also(db, result);
            await db.SaveChangesAsync(cancellationToken);
            await transaction.CommitAsync(cancellationToken);
            return result;
        });
        store.Announce(reconciled.Made);
        return reconciled;
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
            { Forks: ForkTrust.Approve } when pull.IsFork => new RunCommand.Hold("the change comes from a fork: a person with write access must approve this commit"),
            _ => null,
        };
        if (command is not null && RunMachine.Apply(run.State, command, run.QueuedAt) is RunTransition.Moved moved)
        {
            RunChanges.Record(db, run, moved, run.QueuedAt);
        }
    }

    private async Task<Reconciled> EndAllAsync(
        GitHubRepositoryRef repository, string subject, string reason, Action<SchedulerDbContext, Reconciled> also, CancellationToken cancellationToken)
    {
        var ended = await EndAsync(repository, subject, exceptHead: null, RunConclusion.Cancelled, reason, cancellationToken);
        var result = new Reconciled([], ended, [], ended.Count == 0 ? reason : null);
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        also(db, result);
        await db.SaveChangesAsync(cancellationToken);
        return result;
    }

    private Task<IReadOnlyList<RunId>> SupersedeAsync(GitHubRepositoryRef repository, string subject, string head, CancellationToken cancellationToken) =>
        EndAsync(repository, subject, head, RunConclusion.Superseded, $"superseded by {head[..7]}", cancellationToken);

    private async Task<IReadOnlyList<RunId>> EndAsync(
        GitHubRepositoryRef repository, string subject, string? exceptHead, RunConclusion conclusion, string reason, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var live = await db.Runs.AsNoTracking()
            .Where(run => run.Forge == options.CurrentValue.Forge && run.RepositoryId == repository.Id && run.Subject == subject
                && run.Phase != RunPhase.Concluded && run.Ending == null && run.HeadSha != (exceptHead ?? string.Empty))
            .Select(run => run.Id)
            .ToListAsync(cancellationToken);
        foreach (var run in live)
        {
            await store.ApplyAsync(run, new RunCommand.End(conclusion, reason), cancellationToken);
        }

        return live;
    }

    /// <summary>Two deliveries about one pull request take turns, so that neither makes what the other has just made.</summary>
    private static Task LockAsync(SchedulerDbContext db, WantedRun wanted, CancellationToken cancellationToken)
    {
        var key = $"agentplatform/subject/{wanted.Forge}/{wanted.Repository.Id}/{wanted.Subject}";
        return db.Database.ExecuteSqlAsync($"SELECT pg_advisory_xact_lock(hashtextextended({key}, 0))", cancellationToken);
    }
}
