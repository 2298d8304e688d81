using AgentPlatform.Contracts.Runs;
using AgentPlatform.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
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

    [Fact]
    public async Task AStepAndATransitionOfItsRunNeverWaitForEachOther()
    {
        // Here two that wait for each other do so for good: Postgres looks for it only after this time.
        await using var admin = new NpgsqlConnection(Database.ConnectionString);
        await admin.OpenAsync();
        await ExecuteAsync(admin, $"""ALTER DATABASE "{Database.Name}" SET deadlock_timeout = '10min'""");
        await using var node = await StartAsync();
        var run = await node.AddRunAsync();
        await node.AdmitAsync();
        var steps = node.Services.GetRequiredService<StepStore>();
        var step = (await steps.ListAsync(run.Id, CancellationToken.None))[0];

        // Both want the run's row, the transition first, and somebody else still has it.
        await ExecuteAsync(admin, "BEGIN; SELECT 1 FROM scheduler.runs FOR UPDATE");
        var transition = node.Store.ApplyAsync(run.Id, new RunCommand.Advance(1, RunPhase.Running), CancellationToken.None);
        await Eventually.TrueAsync(() => WaitingAsync(1), "the transition waits");
        var change = steps.ChangeAsync(run.Id, 1, step.Id, row => row.State = StepState.Running, CancellationToken.None);
        await Eventually.TrueAsync(() => WaitingAsync(2), "the step waits");
        await ExecuteAsync(admin, "COMMIT");

        await Task.WhenAll(transition, change).WaitAsync(Eventually.Patience);
        Assert.Equal(
            ["run.queued", "run.admitted", "run.running", "step.changed"],
            await node.ReadAsync(db => db.RunEvents.Where(said => said.RunId == run.Id).OrderBy(said => said.Sequence).Select(said => said.Kind).ToListAsync()));

        Task<bool> WaitingAsync(int sessions) => node.ReadAsync(async db => sessions == await db.Database
            .SqlQuery<int>($"SELECT count(*)::int AS \"Value\" FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'").SingleAsync());
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
