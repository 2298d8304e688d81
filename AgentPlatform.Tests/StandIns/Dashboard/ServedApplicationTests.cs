using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Resource = Aspire.Hosting.Dashboard.Wire.Resource;
using ResourceCommandState = Aspire.Hosting.Dashboard.Wire.ResourceCommandState;

namespace AgentPlatform.Tests.StandIns.Dashboard;

/// <summary>A running application as the resource service tells of it: two talking processes, a secret, and what can be done with them.</summary>
public sealed class ServedApplicationTests : IAsyncLifetime
{
    private const string Password = "correct-horse-battery";
    private const string Generated = "never-added-to-the-model";
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));
    private readonly CancellationTokenSource _feedEnd = new();
    private DistributedApplication _application = null!;
    private ResourceServiceServer _server = null!;
    private GrpcClient _client = null!;
    private Task _feeding = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = [], DisableDashboard = true });
        var password = builder.AddParameter("test-password", Password, secret: true);
        var store = builder.AddExecutable("store", "/bin/sh", ".", "-c", "exec sleep 600");
        var vault = builder.AddResource(new VaultResource("vault", new ParameterResource("vault-password", _ => Generated, secret: true)));
        builder.AddExecutable("talker", "/bin/sh", ".", "-c", "echo started as $$ with $TALKER_PASSWORD; exec sleep 600")
            .WithEnvironment("TALKER_PASSWORD", password)
            .WithEnvironment("TALKER_STORE", ReferenceExpression.Create($"Host=store;Username=me;Password={password}"))
            .WithEnvironment("TALKER_VAULT", vault.Resource.ConnectionStringExpression)
            .WithEnvironment("TALKER_COLOUR", "green")
            .WithUrl("http://localhost:1/talk", "Talk")
            .WithParentRelationship(store)
            .WaitForStart(store);
        _application = builder.Build();
        var source = _application.Services.GetRequiredService<AppHostSource>();
        _feeding = source.FeedAsync(_feedEnd.Token);
        _server = new ResourceServiceServer(source, port: 0, "key", NullLogger.Instance);
        _client = new GrpcClient(await _server.StartAsync(_deadline.Token), "key");
        await _application.StartAsync(_deadline.Token);
        await _application.ResourceNotifications.WaitForResourceAsync("talker", KnownResourceStates.Running, _deadline.Token);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        await _feedEnd.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _feeding);
        await _application.StopAsync(CancellationToken.None);
        await _application.DisposeAsync();
        _feedEnd.Dispose();
        _deadline.Dispose();
    }

    [Fact]
    public async Task AResourceIsToldWithItsStateLinksRelationshipsAndCommands()
    {
        var talker = await WaitForAsync("talker", resource => resource.State == "Running");

        Assert.Equal(("talker", "Executable"), (talker.DisplayName, talker.ResourceType));
        Assert.NotNull(talker.CreatedAt);
        Assert.NotNull(talker.StartedAt);
        Assert.Null(talker.StoppedAt);
        var link = Assert.Single(talker.Urls);
        Assert.Equal(("http://localhost:1/talk", "Talk", false), (link.FullUrl, link.DisplayProperties.DisplayName, link.IsInactive));
        Assert.Contains(talker.Relationships, relationship => relationship is { ResourceName: "store", Type: "Parent" });
        var store = await WaitForAsync("store", resource => resource.State == "Running");
        Assert.Equal(store.Name, Property(talker, "resource.parentName").StringValue);
        Assert.Equal("Healthy", Property(talker, "resource.healthState").StringValue);
        Assert.Contains(talker.Relationships, relationship => relationship is { ResourceName: "store", Type: "WaitFor" });
        Assert.Equal(ResourceCommandState.Enabled, Command(talker, "restart").State);
        Assert.Equal(ResourceCommandState.Enabled, Command(talker, "stop").State);
        Assert.NotEqual(ResourceCommandState.Enabled, Command(talker, "start").State);
    }

    [Fact]
    public async Task NoSecretLeavesInClearAndWhatIsNotSecretDoes()
    {
        var talker = await WaitForAsync("talker", resource => resource.State == "Running");
        var everything = await InitialAsync();

        Assert.DoesNotContain(Password, everything.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Generated, everything.ToString(), StringComparison.Ordinal);
        Assert.Equal("open vault by ********", Variable(talker, "TALKER_VAULT"));
        Assert.Equal("green", Variable(talker, "TALKER_COLOUR"));
        Assert.Equal(SecretMask.Mask, Variable(talker, "TALKER_PASSWORD"));
        Assert.Equal("Host=store;Username=me;Password=********", Variable(talker, "TALKER_STORE"));
        var parameter = Assert.Single(everything.Resources, resource => resource.Name == "test-password");
        Assert.True(Assert.Single(parameter.Properties, property => property.Name == "Value").IsSensitive);
        Assert.Equal(SecretMask.Mask, Property(parameter, "Value").StringValue);
    }

    [Fact]
    public async Task StopIsToldAsChangesAndThenOnlyStartIsOffered()
    {
        var running = await WaitForAsync("talker", resource => resource.State == "Running");

        Assert.Equal(ResourceCommandResponseKind.Succeeded, (await ExecuteAsync("stop", running.Name)).Kind);

        var stopped = await WaitForAsync("talker", resource => resource.State == "Exited");
        Assert.NotNull(stopped.StoppedAt);
        Assert.True(Assert.Single(stopped.Urls).IsInactive);
        Assert.Equal(ResourceCommandState.Enabled, Command(stopped, "start").State);
        Assert.NotEqual(ResourceCommandState.Enabled, Command(stopped, "stop").State);
    }

    [Fact]
    public async Task RestartEndsTheProcessAndStartsAnotherWhoseOutputFollowsInTheSameConsole()
    {
        var first = await WaitForAsync("talker", resource => resource.State == "Running");
        await using var console = ReadConsole(first.Name);
        var firstLine = await NextLineAsync(console, "started as");

        Assert.Equal(ResourceCommandResponseKind.Succeeded, (await ExecuteAsync("restart", first.Name)).Kind);

        var secondLine = await NextLineAsync(console, "started as");
        Assert.NotEqual(ProcessOf(firstLine), ProcessOf(secondLine));
        Assert.True(secondLine.LineNumber > firstLine.LineNumber);
        Assert.Contains("with ********", secondLine.Text, StringComparison.Ordinal);
        await WaitForAsync("talker", resource => resource.State == "Running" && Pid(resource) == ProcessOf(secondLine));
    }

    [Fact]
    public async Task ACommandThatDoesNotExistFailsWithAReason()
    {
        var talker = await WaitForAsync("talker", resource => resource.State == "Running");

        var answer = await ExecuteAsync("explode", talker.Name);

        Assert.Equal(ResourceCommandResponseKind.Failed, answer.Kind);
        Assert.Contains("explode", answer.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AConsoleReaderThatFellBehindMissesWhatWasDroppedAndStillGetsTheNewest()
    {
        const int Written = 40_000;
        var talker = await WaitForAsync("talker", resource => resource.State == "Running");
        await using var console = ReadConsole(talker.Name);
        await NextLineAsync(console, "started as");

        var consoles = _application.Services.GetRequiredService<ResourceLoggerService>();
        for (var i = 1; i <= Written; i++)
        {
            consoles.Append(talker.Name, $"line {i}" + new string('.', 400), isError: false);
        }

        var received = 0;
        while (await console.MoveNextAsync() && !console.Current.LogLines.Any(line => line.Text.Contains($"line {Written}.", StringComparison.Ordinal)))
        {
            received += console.Current.LogLines.Count;
        }

        Assert.InRange(received, 1, Written - 10_000);
    }

    /// <summary>Reads as a dashboard does, first everything and then changes, until the resource of that display name fits.</summary>
    private async Task<Resource> WaitForAsync(string displayName, Predicate<Resource> fits)
    {
        await foreach (var update in _client.StreamAsync("WatchResources", new WatchResourcesRequest(), WatchResourcesUpdate.Parser, _deadline.Token))
        {
            var told = update.InitialData is { } initial ? initial.Resources : update.Changes.Value.Select(change => change.Upsert);
            if (told.FirstOrDefault(resource => resource?.DisplayName == displayName && fits(resource)) is { } found)
            {
                return found;
            }
        }

        throw new InvalidOperationException("The service ended the watch.");
    }

    private async Task<InitialResourceData> InitialAsync() =>
        (await _client.CallAsync("WatchResources", new WatchResourcesRequest(), WatchResourcesUpdate.Parser, _deadline.Token)).InitialData;

    private Task<ResourceCommandResponse> ExecuteAsync(string command, string resource) => _client.CallAsync(
        "ExecuteResourceCommand", new ResourceCommandRequest { CommandName = command, ResourceName = resource }, ResourceCommandResponse.Parser, _deadline.Token);

    private IAsyncEnumerator<WatchResourceConsoleLogsUpdate> ReadConsole(string resource) => _client.StreamAsync(
        "WatchResourceConsoleLogs", new WatchResourceConsoleLogsRequest { ResourceName = resource }, WatchResourceConsoleLogsUpdate.Parser, _deadline.Token)
        .GetAsyncEnumerator();

    private static async Task<ConsoleLogLine> NextLineAsync(IAsyncEnumerator<WatchResourceConsoleLogsUpdate> console, string text)
    {
        while (await console.MoveNextAsync())
        {
            if (console.Current.LogLines.FirstOrDefault(line => line.Text.Contains(text, StringComparison.Ordinal)) is { } found)
            {
                return found;
            }
        }

        throw new InvalidOperationException("The service ended the console.");
    }

    private static ResourceCommand Command(Resource resource, string name) => Assert.Single(resource.Commands, command => command.Name == name);

    private static string Variable(Resource resource, string name) => Assert.Single(resource.Environment, variable => variable.Name == name).Value;

    private static Google.Protobuf.WellKnownTypes.Value Property(Resource resource, string name) =>
        Assert.Single(resource.Properties, property => property.Name == name).Value;

    private static string Pid(Resource resource) =>
        resource.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value.NumberValue.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "";

    private static string ProcessOf(ConsoleLogLine line) => line.Text.Split("started as ")[1].Split(' ')[0];

    /// <summary>A resource whose secret is known by its connection string alone, in a form that no pattern would recognise.</summary>
    private sealed class VaultResource(string name, ParameterResource password) : Aspire.Hosting.ApplicationModel.Resource(name), IResourceWithConnectionString
    {
        public ReferenceExpression ConnectionStringExpression => ReferenceExpression.Create($"open vault by {password}");
    }
}
