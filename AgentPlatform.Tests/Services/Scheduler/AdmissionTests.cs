using AgentPlatform.Contracts.Runs;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Policies;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

public sealed class AdmissionTests : SchedulerTest
{
    private protected override Dictionary<string, string?> Settings => new()
    {
        ["Scheduler:Admission:ActiveMax"] = "4",
        ["Scheduler:Admission:ActivePerRepositoryMax"] = "3",
        ["Scheduler:Admission:Ageing"] = "00:10:00",
    };

    [Fact]
    public async Task TwoAdmissionsAtOnceDoNotAdmitTooMany()
    {
        await using var other = await StartAsync();
        for (var n = 0; n < 12; n++)
        {
            await Node.AddRunAsync(repository: n % 6, pullRequest: n);
        }

        await Task.WhenAll(Enumerable.Range(0, 4).SelectMany(_ => new[] { Node.AdmitAsync(), other.AdmitAsync() }));

        Assert.Equal(4, (await AdmittedAsync()).Count);
    }

    [Fact]
    public async Task NoMoreRunsAreAdmittedThanTheHostsHaveRoomFor()
    {
        for (var n = 0; n < 3; n++)
        {
            await Node.AddRunAsync(repository: n);
        }

        await Node.AdmitAsync(places: 0);
        Assert.Empty(await AdmittedAsync());

        await Node.AdmitAsync(places: 2);
        Assert.Equal(2, (await AdmittedAsync()).Count);
    }

    [Fact]
    public async Task ARepositoryKeepsToItsOwnLimit()
    {
        for (var n = 0; n < 5; n++)
        {
            await Node.AddRunAsync(pullRequest: n);
        }

        await Node.AdmitAsync();

        Assert.Equal(3, (await AdmittedAsync()).Count);
    }

    [Fact]
    public async Task ABusyRepositoryLeavesRoomForTheOthers()
    {
        for (var n = 0; n < 6; n++)
        {
            await Node.AddRunAsync(repository: 1, pullRequest: n);
        }

        var (second, third) = (await Node.AddRunAsync(repository: 2), await Node.AddRunAsync(repository: 3));

        await Node.AdmitAsync();

        var admitted = await AdmittedAsync();
        Assert.Equal(4, admitted.Count);
        Assert.Contains(admitted, run => run.Id == second.Id);
        Assert.Contains(admitted, run => run.Id == third.Id);
    }

    [Fact]
    public async Task AHigherPriorityGoesFirstUntilTheLowerHasWaitedLong()
    {
        for (var n = 0; n < 3; n++)
        {
            await Node.AddRunAsync(repository: 10 + n);
        }

        await Node.AdmitAsync();
        var low = await Node.AddRunAsync(repository: 1, priority: Priority.Low);
        var high = await Node.AddRunAsync(repository: 2, priority: Priority.High);

        // One place is free.
        await Node.AdmitAsync();
        Assert.Equal((RunPhase.Queued, RunPhase.Admitted), (await PhaseAsync(low), await PhaseAsync(high)));

        await Node.Store.ApplyAsync(high.Id, new RunCommand.Conclude(1, RunConclusion.Success, "done"), CancellationToken.None);
        var later = await Node.AddRunAsync(repository: 3, priority: Priority.High);
        await Node.ReadAsync(db => db.Database.ExecuteSqlAsync($"UPDATE scheduler.runs SET queued_at = queued_at - interval '31 minutes' WHERE id = {low.Id.Value}"));
        await Node.AdmitAsync();
        Assert.Equal((RunPhase.Admitted, RunPhase.Queued), (await PhaseAsync(low), await PhaseAsync(later)));
    }

    [Fact]
    public async Task AgeingHoldsAmongTheRunsOfOneRepositoryToo()
    {
        var low = await Node.AddRunAsync(pullRequest: 100, priority: Priority.Low);
        await Node.ReadAsync(db => db.Database.ExecuteSqlAsync($"UPDATE scheduler.runs SET queued_at = queued_at - interval '31 minutes' WHERE id = {low.Id.Value}"));

        // More of the highest priority than the repository may have under way: for as long as they keep coming, they would be first.
        for (var n = 1; n <= 20; n++)
        {
            await Node.AddRunAsync(pullRequest: n, priority: Priority.High);
        }

        await Node.AdmitAsync();
        Assert.Equal(RunPhase.Admitted, await PhaseAsync(low));
    }

    [Fact]
    public async Task TwoRunsOfOneWorkflowForOneSubjectNeverGoTogether()
    {
        var first = await Node.AddRunAsync(head: SchedulerNode.Sha(1));
        var second = await Node.AddRunAsync(head: SchedulerNode.Sha(2));

        await Node.AdmitAsync();
        await Node.AdmitAsync();
        Assert.Equal((RunPhase.Admitted, RunPhase.Queued), (await PhaseAsync(first), await PhaseAsync(second)));

        await Node.Store.ApplyAsync(first.Id, new RunCommand.Conclude(1, RunConclusion.Success, "done"), CancellationToken.None);
        await Node.AdmitAsync();
        Assert.Equal(RunPhase.Admitted, await PhaseAsync(second));
    }

    [Fact]
    public async Task ARunThatSomebodyElseIsChangingIsPassedOver()
    {
        var (held, free) = (await Node.AddRunAsync(pullRequest: 1), await Node.AddRunAsync(pullRequest: 2));
        await Node.ReadAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            await db.Database.ExecuteSqlAsync($"SELECT 1 FROM scheduler.runs WHERE id = {held.Id.Value} FOR UPDATE");
            await Node.AdmitAsync();
            return 0;
        });

        Assert.Equal((RunPhase.Queued, RunPhase.Admitted), (await PhaseAsync(held), await PhaseAsync(free)));
    }

    [Fact]
    public async Task AnAdmissionIsOneFactWithItsGenerationAndItsEntry()
    {
        var run = await Node.AddRunAsync();

        await Node.AdmitAsync();

        var (row, kinds, entries) = await Node.ReadAsync(async db => (
            await db.Runs.SingleAsync(),
            await db.RunEvents.OrderBy(item => item.Sequence).Select(item => item.Kind).ToListAsync(),
            await db.Outbox.Where(item => item.About == run.Id.Value).Select(item => item.Generation).ToListAsync()));
        Assert.Equal((1L, 2L), (row.Generation, row.Version));
        Assert.Equal(["run.queued", "run.admitted"], kinds);
        Assert.Equal([1L], entries);
    }

    [Fact]
    public async Task ALeaseIsTakenOnceAndUnderTheNewestGenerationOnly()
    {
        var run = await Node.AddRunAsync();
        await Node.AdmitAsync();

        Assert.Empty(await Node.Store.ClaimAsync([new WorkEntry(run.Id, 0)], "one", TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Single(await Node.Store.ClaimAsync([new WorkEntry(run.Id, 1)], "one", TimeSpan.FromMinutes(1), CancellationToken.None));
        Assert.Empty(await Node.Store.ClaimAsync([new WorkEntry(run.Id, 1)], "two", TimeSpan.FromMinutes(1), CancellationToken.None));

        await Node.Store.ReleaseAsync("one", CancellationToken.None);
        Assert.Single(await Node.Store.ClaimAsync([new WorkEntry(run.Id, 1)], "two", TimeSpan.FromMinutes(1), CancellationToken.None));
    }

    private Task<List<RunRow>> AdmittedAsync() =>
        Node.ReadAsync(db => db.Runs.AsNoTracking().Where(run => run.Phase == RunPhase.Admitted).ToListAsync());

    private async Task<RunPhase> PhaseAsync(RunRow run) => (await Node.Store.FindAsync(run.Id, CancellationToken.None))!.Phase;
}
