using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Client;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.Tests.Fakes;
using AgentPlatform.Tests.Hosts;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Services.Wsl2Host.Hosting;

namespace AgentPlatform.Tests.EndToEnd;

/// <summary>
/// The app host, started once for the tests of the whole road, with failpoints, and with patience cut short:
/// what takes over after 15 seconds of silence takes over after three.
/// </summary>
public sealed class Platform : IAsyncLifetime
{
    public const string Owner = "octo";

    /// <summary>The model provider's key: nothing but Sessions, and the emulator that asks for it, may ever have it.</summary>
    public const string ModelKey = "sk-canary-9f2c1d7ab44e5086";

    /// <summary>The secret that signs webhooks.</summary>
    public const string WebhookSecret = "canary-webhook-5d1e8b7730c94f26";

    private static readonly IReadOnlyDictionary<string, IReadOnlyDictionary<string, string>> Settings = new Dictionary<string, IReadOnlyDictionary<string, string>>
    {
        [ServiceNames.Webhooks] = new Dictionary<string, string>
        {
            ["Webhooks__Publishing__RepublishAfter"] = "00:00:02",
            ["Webhooks__Publishing__RepublishAfterMax"] = "00:00:04",
            ["Webhooks__Publishing__SweepInterval"] = "00:00:01",
            ["Webhooks__HookDeliveries__Interval"] = "00:00:01",
            ["Streams__Consumers__intake-acks__ReclaimIdle"] = "00:00:03",
        },
        [ServiceNames.Scheduler] = new Dictionary<string, string>
        {
            ["Scheduler__Worker__Lease"] = "00:00:03",
            ["Streams__Consumers__intake__ReclaimIdle"] = "00:00:03",
            ["Streams__Consumers__work__ReclaimIdle"] = "00:00:03",
        },
        [ServiceNames.Sessions] = new Dictionary<string, string> { ["Sessions__Reviews__Lease"] = "00:00:03" },
        [ServiceNames.Wsl2Host] = new Dictionary<string, string>(),
        [ServiceNames.Gateway] = new Dictionary<string, string>(),
    };

    private readonly string _name = $"agentplatform-road-{Guid.NewGuid():N}";
    private readonly HashSet<string> _repositories = [];
    private DistributedApplication? _app;
    private HttpClient? _control;
    private HttpClient? _api;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("not started");

    /// <summary>What the resources print.</summary>
    public CapturedLog Log { get; } = new();

    /// <summary>The public API.</summary>
    public HttpClient Api => _api ?? throw new InvalidOperationException("not started");

    /// <summary>The public API's typed client.</summary>
    public AgentPlatformClient Client => new(Api);

    /// <summary>The emulators' control API; paths are relative to <c>/control/</c>.</summary>
    public HttpClient Control => _control ?? throw new InvalidOperationException("not started");

    /// <summary>The directories of the host.</summary>
    internal HostDirectories HostDirectories => new(HostOptions);

    private string Failpoints => Path.Combine(State, "failpoints");

    private string State => Path.Combine(Path.GetTempPath(), _name);

    private Wsl2HostOptions HostOptions => new() { StateDirectory = Path.Combine(State, "host"), RuntimeDirectory = Path.Combine("/dev/shm", _name) };

    public async Task InitializeAsync()
    {
        HostDirectories.Make(State, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.OtherExecute | UnixFileMode.GroupExecute);
        Directory.CreateDirectory(Failpoints);
        _app = await AppHostStart.StartAsync(
            [$"--Parameters:emulated-model-key={ModelKey}", $"--Parameters:emulated-webhook-secret={WebhookSecret}"], [.. Settings.Keys, "emulators"], Configure);
        _control = new HttpClient { BaseAddress = new Uri(_app.GetEndpoint("emulators", "http"), "control/") };
        _api = new HttpClient { BaseAddress = _app.GetEndpoint(ServiceNames.Gateway, "http"), Timeout = Timeout.InfiniteTimeSpan };
    }

    private void Configure(IDistributedApplicationTestingBuilder builder)
    {
        builder.Services.AddLogging(logging => logging.ClearProviders().AddProvider(Log));
        foreach (var (service, settings) in Settings)
        {
            var project = builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(resource => resource.Name == service));
            project.WithEnvironment("Failpoints__Directory", Failpoints);
            foreach (var (name, value) in settings)
            {
                project.WithEnvironment(name, value);
            }
        }

        builder.CreateResourceBuilder((ProjectResource)builder.Resources.Single(resource => resource.Name == ServiceNames.Wsl2Host))
            .WithEnvironment("Wsl2Host__StateDirectory", HostOptions.StateDirectory)
            .WithEnvironment("Wsl2Host__RuntimeDirectory", HostOptions.RuntimeDirectory);
    }

    public async Task DisposeAsync()
    {
        _control?.Dispose();
        _api?.Dispose();
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        foreach (var directory in (string[])[State, HostOptions.RuntimeDirectory])
        {
            if (Directory.Exists(directory))
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    /// <summary>Holds the next process that comes by a failpoint.</summary>
    internal HeldPlace Hold(string failpoint) => new(Failpoints, failpoint);

    /// <summary>Ends a resource's process by SIGKILL.</summary>
    public async Task KillAsync(string resource)
    {
        using var process = Process.GetProcessById(await ProcessIdAsync(resource));
        process.Kill();
        await App.ResourceNotifications.WaitForResourceAsync(resource, KnownResourceStates.TerminalStates).WaitAsync(AppHostStart.Patience);
    }

    /// <summary>The process of a resource, once it runs.</summary>
    public async Task<int> ProcessIdAsync(string resource) => ProcessId(await App.ResourceNotifications.WaitForResourceAsync(
        resource, change => change.Snapshot.State?.Text == KnownResourceStates.Running && ProcessId(change) is not null).WaitAsync(AppHostStart.Patience))!.Value;

    /// <summary>Starts what was killed.</summary>
    public async Task StartAsync(string resource)
    {
        var started = await App.ResourceCommands.ExecuteCommandAsync(resource, KnownResourceCommands.StartCommand);
        Assert.True(started.Success, $"{resource}: {started.Message}");
    }

    /// <summary>Waits until every service answers.</summary>
    public async Task HealthyAsync()
    {
        using var limit = new CancellationTokenSource(AppHostStart.Patience);
        foreach (var resource in Settings.Keys.Append("postgres").Append("redis"))
        {
            await App.ResourceNotifications.WaitForResourceHealthyAsync(resource, WaitBehavior.WaitOnResourceUnavailable, limit.Token);
        }
    }

    /// <summary>Makes a repository with this policy, once.</summary>
    public async Task RepositoryAsync(string name, string policy)
    {
        if (_repositories.Add(name))
        {
            await SendAsync("github/repositories", new { owner = Owner, name, files = new Dictionary<string, string> { [".agentplatform.yml"] = policy, ["README.md"] = name } });
        }
    }

    /// <summary>Pushes a change to a branch, from the default branch if it is new.</summary>
    /// <returns>The commit.</returns>
    public async Task<string> PushAsync(string repository, string branch, string text, string? from = null)
    {
        var commit = await SendAsync(
            $"github/repositories/{Owner}/{repository}/commits",
            new { branch, message = text, from, files = new Dictionary<string, string> { ["change.txt"] = text } });
        return commit["sha"]!.GetValue<string>();
    }

    /// <summary>Opens a pull request, which sends the webhook.</summary>
    /// <returns>Its number.</returns>
    public async Task<int> OpenAsync(string repository, string branch, string title)
    {
        var pull = await SendAsync($"github/repositories/{Owner}/{repository}/pulls", new { head = branch, title });
        return pull["number"]!.GetValue<int>();
    }

    /// <summary>Everything that the platform has written to a pull request's commit.</summary>
    public async Task<(IReadOnlyList<JsonNode> Checks, IReadOnlyList<JsonNode> Comments)> WrittenAsync(string repository, int number, string sha)
    {
        var state = await ReadAsync($"github/repositories/{repository}/state");
        var checks = state["checkRuns"]!.AsArray().Where(check => check!["head_sha"]!.GetValue<string>() == sha).ToList();
        var comments = state["comments"]!.AsArray()
            .Where(comment => comment!["issue_url"]!.GetValue<string>().EndsWith($"/issues/{number.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal)).ToList();
        return (checks!, comments!);
    }

    /// <summary>Waits until everything that was sent is dealt with.</summary>
    public async Task QuietAsync()
    {
        await SendAsync("github/deliveries/settle", new { });
        await Eventually.TrueAsync(
            async () => (await Api.GetFromJsonAsync<JsonNode>("/api/v1/deliveries?state=pending"))!["items"]!.AsArray().Count == 0, "no delivery is pending");
    }

    /// <summary>Calls the emulators' control API; a refusal fails the test.</summary>
    public async Task<JsonNode> SendAsync(string path, object body)
    {
        using var response = await Control.PostAsJsonAsync(path, body);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }

    public async Task<JsonNode> ReadAsync(string path) => JsonNode.Parse(await Control.GetStringAsync(path))!;

    /// <summary>The runs of a pull request, newest first. A service that is away is asked again.</summary>
    public async Task<IReadOnlyList<RunSummary>> RunsAsync(string repository, int number) =>
        (await PatientlyAsync(() => Client.Runs.ListAsync(new RunQuery(repository, number), null, 50, CancellationToken.None))).Items;

    /// <summary>Waits until a pull request has this many runs and all of them are concluded and reported.</summary>
    public async Task<IReadOnlyList<RunDetail>> ConcludedAsync(string repository, int number, int runs = 1)
    {
        List<RunDetail> details = [];
        await Eventually.TrueAsync(async () =>
        {
            details.Clear();
            foreach (var run in await RunsAsync(repository, number))
            {
                details.Add(await PatientlyAsync(() => Client.Runs.Get(run.Id).ReadAsync(CancellationToken.None)));
            }

            return details.Count >= runs && details.TrueForAll(detail => detail is { Run.Phase: RunPhase.Concluded, Report: ReportState.Settled });
        }, () => $"{repository}#{number}: {runs} runs, concluded and reported; now {string.Join(", ", details.Select(Words))}", RoadMax);
        Assert.Equal(runs, details.Count);
        return details;
    }

    /// <summary>What this machine still holds of the host's instances.</summary>
    internal IReadOnlyList<string> Remains() => HostRemains.Of(HostOptions);

    /// <summary>How long a road may take on a busy machine on which things die.</summary>
    public static readonly TimeSpan RoadMax = TimeSpan.FromSeconds(100);

    public static async Task<T> PatientlyAsync<T>(Func<Task<T>> call)
    {
        using var limit = new CancellationTokenSource(RoadMax);
        while (true)
        {
            try
            {
                return await call();
            }
            catch (Exception error) when (error is AgentPlatformException { Status: null or >= System.Net.HttpStatusCode.InternalServerError } && !limit.IsCancellationRequested)
            {
                await Task.Delay(50, CancellationToken.None);
            }
        }
    }

    private static string Words(RunDetail detail) =>
        $"{detail.Run.Id} {detail.Run.Phase} {detail.Run.Conclusion} generation {detail.Generation} faults {detail.Faults} report {detail.Report}: {detail.Run.Reason}";

    private static int? ProcessId(ResourceEvent change) =>
        change.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is { } value
            ? Convert.ToInt32(value, CultureInfo.InvariantCulture)
            : null;
}
