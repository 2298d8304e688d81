using System.Globalization;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Streams;
using AgentPlatform.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Services.Scheduler.Intake;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>What comes together is done together, and what goes wrong goes wrong alone.</summary>
public sealed class BatchTests : SchedulerTest
{
    private EmulatorHost _emulators = null!;
    private long _repository;
    private long _installation;

    private protected override Dictionary<string, string?> Settings => new()
    {
        ["GitHub:ApiUrl"] = _emulators.ApiUrl,
        ["GitHub:AppId"] = EmulatorHost.AppId.ToString(CultureInfo.InvariantCulture),
        ["GitHub:PrivateKey"] = EmulatorHost.AppPrivateKey,
        ["GitHub:WriteSpacing"] = "00:00:00",
    };

    private DeliveryHandler Handler => ActivatorUtilities.CreateInstance<DeliveryHandler>(Node.Services);

    public override async Task InitializeAsync()
    {
        _emulators = await EmulatorHost.StartAsync();
        await base.InitializeAsync();
        var repository = await _emulators.CreateRepositoryAsync("acme", "api", new Dictionary<string, string> { ["a.txt"] = "one\n" });
        (_repository, _installation) = (repository["id"]!.GetValue<long>(), repository["installationId"]!.GetValue<long>());
        foreach (var branch in (string[])["one", "two"])
        {
            await _emulators.ControlAsync("github/repositories/acme/api/commits", new { branch, files = new Dictionary<string, string> { ["a.txt"] = branch } });
            await _emulators.ControlAsync("github/repositories/acme/api/pulls", new { head = branch });
        }
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await _emulators.DisposeAsync();
    }

    [Fact]
    public async Task DeliveriesThatComeTogetherMakeTheirRunsInOneTransaction()
    {
        await Handler.HandleAsync([Delivery(1), Delivery(2), Delivery(1)], CancellationToken.None);

        Assert.Equal(["pr/1", "pr/2"], await Node.ReadAsync(db => db.Runs.OrderBy(run => run.Subject).Select(run => run.Subject).ToListAsync()));
        Assert.Equal(3, await Node.ReadAsync(db => db.HandledDeliveries.CountAsync(row => row.Outcome == DeliveryOutcome.Handled)));
        Assert.Equal(3, await Node.ReadAsync(db => db.Outbox.CountAsync(row => row.Stream == IntakeStreams.Acknowledgements)));
        Assert.Equal(1, await Node.ReadAsync(db => db.Database.SqlQuery<int>(
            $"SELECT count(DISTINCT x)::int AS \"Value\" FROM (SELECT xmin::text AS x FROM scheduler.runs UNION ALL SELECT xmin::text FROM scheduler.handled_deliveries) t").SingleAsync()));
    }

    [Fact]
    public async Task ADeliveryAboutNothingThatIsThereIsRecordedAndItsNeighboursRun()
    {
        await Handler.HandleAsync([Delivery(1), Delivery(99), Delivery(2, installation: 1)], CancellationToken.None);

        Assert.Equal("pr/1", (await Node.ReadAsync(db => db.Runs.SingleAsync())).Subject);
        Assert.Equal(3, await Node.ReadAsync(db => db.HandledDeliveries.CountAsync()));
        Assert.Equal(1, await Node.ReadAsync(db => db.HandledDeliveries.CountAsync(row => row.Outcome == DeliveryOutcome.Handled)));
    }

    [Fact]
    public async Task APoisonEntryLeavesNothingOfItsBatchSoThatItsNeighboursCanGoAlone()
    {
        var (good, poison, other) = (Delivery(1), Poison(), Delivery(2));

        await Assert.ThrowsAnyAsync<Exception>(() => Handler.HandleAsync([good, poison, other], CancellationToken.None));
        Assert.Equal(0, await Node.ReadAsync(db => db.Runs.CountAsync()));

        // What the stream's consumer does then: each alone.
        await Handler.HandleAsync([good], CancellationToken.None);
        await Assert.ThrowsAnyAsync<Exception>(() => Handler.HandleAsync([poison], CancellationToken.None));
        await Handler.HandleAsync([other], CancellationToken.None);
        Assert.Equal(2, await Node.ReadAsync(db => db.Runs.CountAsync()));
    }

    [Fact]
    public async Task ABatchWhoseAcknowledgementWasLostMakesNothingTwiceAndIsAnsweredAgain()
    {
        StreamEntry[] batch = [Delivery(1), Delivery(2)];
        await Handler.HandleAsync(batch, CancellationToken.None);

        await Handler.HandleAsync(batch, CancellationToken.None);

        Assert.Equal(2, await Node.ReadAsync(db => db.Runs.CountAsync()));
        Assert.Equal(4, await Node.ReadAsync(db => db.Outbox.CountAsync(row => row.Stream == IntakeStreams.Acknowledgements)));
    }

    [Fact]
    public async Task ATransitionThatCannotBeWrittenDoesNotHurtThoseThatShareItsCommit()
    {
        var runs = new List<RunRow>();
        for (var number = 10; number < 30; number++)
        {
            runs.Add(await Node.AddRunAsync(pullRequest: number));
        }

        // Postgres' text cannot hold the character 0.
        var ended = runs.ConvertAll(run => Node.Store.ApplyAsync(
            run.Id, new RunCommand.End(RunConclusion.Cancelled, run == runs[7] ? "a\0b" : "enough"), CancellationToken.None));
        await Assert.ThrowsAnyAsync<Exception>(() => Task.WhenAll(ended));

        Assert.Equal([7], Enumerable.Range(0, ended.Count).Where(index => ended[index].IsFaulted));
        Assert.Equal(19, await Node.ReadAsync(db => db.Runs.CountAsync(run => run.Phase == RunPhase.Concluded)));
        Assert.Equal(19, await Node.ReadAsync(db => db.RunEvents.CountAsync(row => row.Kind == "run.concluded")));
    }

    [Fact]
    public async Task ARunThatMovedSinceItWasReadIsReadAgainAndKeepsOneHistory()
    {
        var known = await Node.AddRunAsync();
        await Node.AdmitAsync();

        // The row in hand still says queued; from there nothing could be advanced.
        var outcome = await Node.Store.ApplyAsync(known, new RunCommand.Advance(1, RunPhase.Running), CancellationToken.None);

        Assert.Equal((RunPhase.Running, RunPhase.Queued), (outcome.Run!.Phase, known.Phase));
        Assert.Equal(
            ["run.queued", "run.admitted", "run.running"],
            await Node.ReadAsync(db => db.RunEvents.Where(row => row.RunId == known.Id).OrderBy(row => row.Sequence).Select(row => row.Kind).ToListAsync()));
    }

    [Fact]
    public async Task ATransitionLeavesTheLeaseThatWasRenewedMeanwhile()
    {
        var run = await Node.AddRunAsync();
        await Node.AdmitAsync();
        var claimed = Assert.Single(await Node.Store.ClaimAsync([new WorkEntry(run.Id, 1)], "one", TimeSpan.FromSeconds(1), CancellationToken.None));
        await Node.Store.RenewAsync("one", [run.Id], TimeSpan.FromHours(1), CancellationToken.None);

        await Node.Store.ApplyAsync(claimed, new RunCommand.Advance(1, RunPhase.Running), CancellationToken.None);

        var now = (await Node.Store.FindAsync(run.Id, CancellationToken.None))!;
        Assert.Equal("one", now.LeaseOwner);
        Assert.True(now.LeaseExpiresAt > claimed.LeaseExpiresAt + TimeSpan.FromMinutes(30));
    }

    private StreamEntry Delivery(int number, long? installation = null) => Entry(JsonSerializer.SerializeToElement(
        new DeliveryReceived(
            DeliveryId.New(TimeProvider.System), Guid.NewGuid(), "pull_request", "opened", "github.com", installation ?? _installation, _repository, "acme/api", number),
        IntakeJsonContext.Default.DeliveryReceived));

    private static StreamEntry Poison() => Entry(JsonSerializer.SerializeToElement("no delivery"));

    private static StreamEntry Entry(JsonElement data) => new(
        "1-0",
        new EventEnvelope(
            EnvelopeId.New(TimeProvider.System), 1, 1, 1, TimeProvider.System.GetUtcNow(), null, IntakeStreams.DeliveryKind, Ownership.Of(ServiceNames.Webhooks), data),
        Deliveries: 1);
}
