using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Tests.Hosts;
using Services.Scheduler.Runs;
using Services.Scheduler.Workers;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>How a worker learns which runs are still its own.</summary>
public sealed class RunLeaseTests : SchedulerTest
{
    private const string Worker = "one";

    private static readonly TimeSpan Lease = TimeSpan.FromHours(1);

    [Fact]
    public async Task ARunThatItsOwnWorkerEndedOrGaveBackWasNotLost()
    {
        var (ended, faulted, driven) = (await ClaimAsync(1), await ClaimAsync(2), await ClaimAsync(3));
        await Node.Store.ApplyAsync(ended, new RunCommand.Conclude(1, RunConclusion.Success, "done"), CancellationToken.None);
        await Node.Store.ApplyAsync(faulted, new RunCommand.Fault(1, FaultCategory.Transient, "no answer", TimeSpan.FromHours(1)), CancellationToken.None);

        var leases = await RenewAsync(ended, faulted, driven);

        Assert.All([ended, faulted, driven], run => Assert.Equal(1, leases[run].Generation));
        Assert.Null((await Node.Store.FindAsync(ended, CancellationToken.None))!.LeaseExpiresAt);
        Assert.Null((await Node.Store.FindAsync(faulted, CancellationToken.None))!.LeaseExpiresAt);
    }

    [Fact]
    public async Task ARunThatAnotherHasOrMayHaveWasLost()
    {
        var (reassigned, taken) = (await ClaimAsync(1), await ClaimAsync(2, TimeSpan.Zero));
        await Node.Store.ApplyAsync(reassigned, new RunCommand.Reassign("no sign of life"), CancellationToken.None);
        Assert.Single(await Node.Store.ClaimAsync([new WorkEntry(taken, 1)], "two", Lease, CancellationToken.None));

        var leases = await RenewAsync(reassigned, taken);

        Assert.Equal(2, leases[reassigned].Generation);
        Assert.DoesNotContain(taken, leases.Keys);
    }

    [Fact]
    public async Task ARunThatIsThroughAsSoonAsItIsLetGoDoesNotDisturbWhoLetItGo()
    {
        var control = new RunControl(RunId.New(TimeProvider.System), 1);
        var commit = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var driving = DriveAsync();

        // As a service does it: a thread of xunit's would never go on with another's work.
        await Task.Run(control.Abandon);

        await driving.WaitAsync(Eventually.Patience);

        async Task DriveAsync()
        {
            using (control)
            {
                await commit.Task.WaitAsync(control.Abandoned).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task<RunId> ClaimAsync(int pullRequest, TimeSpan? lease = null)
    {
        var run = await Node.AddRunAsync(pullRequest: pullRequest);
        await Node.AdmitAsync();
        Assert.Single(await Node.Store.ClaimAsync([new WorkEntry(run.Id, 1)], Worker, lease ?? Lease, CancellationToken.None));
        return run.Id;
    }

    private Task<IReadOnlyDictionary<RunId, RunLease>> RenewAsync(params RunId[] runs) => Node.Store.RenewAsync(Worker, runs, Lease, CancellationToken.None);
}
