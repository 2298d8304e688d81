using AgentPlatform.Contracts.Runs;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>A person and a worker change a run at the same moment.</summary>
public sealed class ConcurrentChangeTests : SchedulerTest
{
    private const int Rounds = 20;

    [Fact]
    public async Task WhoeverChangesARunWhileOthersDoSucceedsAndItsHistoryHasNoGap()
    {
        var steps = Node.Services.GetRequiredService<StepStore>();
        for (var round = 1; round <= Rounds; round++)
        {
            var run = await Node.AddRunAsync(pullRequest: round);
            await Node.AdmitAsync();
            var rows = await steps.ListAsync(run.Id, CancellationToken.None);

            // Begun on threads of their own, so that they read the same version.
            await Task.WhenAll(
                Task.Run(() => Begin(rows[0])),
                Task.Run(() => Begin(rows[1])),
                Task.Run(() => Node.Store.ApplyAsync(run.Id, new RunCommand.End(RunConclusion.Cancelled, "enough"), CancellationToken.None)),
                Task.Run(() => Node.Store.ApplyAsync(run.Id, new RunCommand.Advance(1, RunPhase.Running), CancellationToken.None)));

            var sequences = await Node.ReadAsync(db => db.RunEvents.Where(said => said.RunId == run.Id).OrderBy(said => said.Sequence).Select(said => said.Sequence).ToListAsync());
            Assert.Equal(Enumerable.Range(1, 6).Select(n => (long)n), sequences);

            // Its place is the next one's.
            await Node.Store.ApplyAsync(run.Id, new RunCommand.Conclude(1, RunConclusion.Cancelled, "enough"), CancellationToken.None);
        }

        Task Begin(StepRow step) => steps.ChangeAsync(step.RunId, 1, step.Id, row => row.State = StepState.Running, CancellationToken.None);
    }
}
