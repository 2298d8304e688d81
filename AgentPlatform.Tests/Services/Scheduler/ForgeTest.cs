using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using AgentPlatform.Tests.Hosts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Services.Scheduler.Intake;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>A test of the scheduler before the GitHub emulator: a repository, <c>acme/api</c>, and one pull request to it.</summary>
public abstract class ForgeTest : SchedulerTest
{
    private protected const string Path = "github/repositories/acme/api";

    private protected EmulatorHost Emulators { get; private set; } = null!;

    private protected JsonNode Repository { get; private set; } = null!;

    private protected override Dictionary<string, string?> Settings => new()
    {
        ["GitHub:ApiUrl"] = Emulators.ApiUrl,
        ["GitHub:AppId"] = EmulatorHost.AppId.ToString(CultureInfo.InvariantCulture),
        ["GitHub:PrivateKey"] = EmulatorHost.AppPrivateKey,
        ["GitHub:WriteSpacing"] = "00:00:00",
    };

    private protected virtual Dictionary<string, string> Files => new() { ["a.txt"] = "one\n" };

    public override async Task InitializeAsync()
    {
        Emulators = await EmulatorHost.StartAsync();
        await base.InitializeAsync();
        Repository = await Emulators.CreateRepositoryAsync("acme", "api", Files);
        await PushAsync("two");
        await Emulators.ControlAsync($"{Path}/pulls", new { head = "change" });
    }

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        await Emulators.DisposeAsync();
    }

    /// <summary>Pushes a commit to the pull request's branch.</summary>
    private protected Task PushAsync(string text) =>
        Emulators.ControlAsync($"{Path}/commits", new { branch = "change", files = new Dictionary<string, string> { ["a.txt"] = text } });

    /// <summary>Does something to the pull request, and lets the scheduler hear of it.</summary>
    private protected async Task<DeliveryOutcome> ChangeAsync(string verb, string action)
    {
        await Emulators.ControlAsync($"{Path}/pulls/1/{verb}", new { });
        return await HearAsync("pull_request", action);
    }

    /// <summary>A delivery about the pull request, as Webhooks hands it on.</summary>
    /// <returns>What was recorded of it.</returns>
    private protected async Task<DeliveryOutcome> HearAsync(string name, string? action, int pullRequest = 1, RunId? check = null, TimeSpan age = default)
    {
        var delivery = new DeliveryReceived(
            DeliveryId.New(TimeProvider.System), Guid.NewGuid(), name, action, "github.com", Repository["installationId"]!.GetValue<long>(), Repository["id"]!.GetValue<long>(),
            "acme/api", check is null ? pullRequest : null, Sender: "ada", ExternalId: check?.ToString());
        var data = JsonSerializer.SerializeToElement(delivery, IntakeJsonContext.Default.DeliveryReceived);
        var envelope = new EventEnvelope(
            EnvelopeId.New(TimeProvider.System), 1, 1, 1, TimeProvider.System.GetUtcNow() - age, null, IntakeStreams.DeliveryKind, Ownership.Of(ServiceNames.Webhooks), data);
        await ActivatorUtilities.CreateInstance<DeliveryHandler>(Node.Services).HandleAsync([new StreamEntry("1-0", envelope, Deliveries: 1)], CancellationToken.None);
        return await Node.ReadAsync(db => db.HandledDeliveries.Where(row => row.DeliveryId == delivery.Delivery).Select(row => row.Outcome).SingleAsync());
    }

    /// <summary>All runs, oldest first.</summary>
    private protected Task<List<RunRow>> RunsAsync() => Node.ReadAsync(db => db.Runs.AsNoTracking().OrderBy(run => run.QueuedAt).ThenBy(run => run.Id).ToListAsync());
}
