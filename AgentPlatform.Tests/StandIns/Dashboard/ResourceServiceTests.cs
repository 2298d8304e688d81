using System.Net;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Dashboard.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentPlatform.Tests.StandIns.Dashboard;

/// <summary>The resource service by its wire: what any client of <c>aspire.v1.DashboardService</c> may rely on.</summary>
public sealed class ResourceServiceTests : IAsyncLifetime
{
    private const string Key = "the-right-key";
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(20));
    private readonly ScriptedSource _source = new();
    private readonly ResourceServiceServer _server;
    private GrpcClient _client = null!;
    private Uri _address = null!;

    public ResourceServiceTests() => _server = new ResourceServiceServer(_source, port: 0, Key, NullLogger.Instance);

    public async Task InitializeAsync()
    {
        _address = await _server.StartAsync(_deadline.Token);
        _client = new GrpcClient(_address, Key);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _server.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task TheApplicationSaysItsName()
    {
        var answer = await _client.CallAsync(
            "GetApplicationInformation", new ApplicationInformationRequest(), ApplicationInformationResponse.Parser, _deadline.Token);

        Assert.Equal("Scripted", answer.ApplicationName);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("the-wrong-key")]
    [InlineData("the-right-key-and-more")]
    public async Task ACallerWithoutTheKeyIsUnauthenticatedAndSeesNothing(string? key)
    {
        _source.Resources.Upsert(ScriptedSource.NewResource("web", "Running"));
        using var stranger = new GrpcClient(_address, key);

        var failure = await Assert.ThrowsAsync<GrpcFailure>(() =>
            stranger.CallAsync("WatchResources", new WatchResourcesRequest(), WatchResourcesUpdate.Parser, _deadline.Token));

        Assert.Equal(16, failure.Status);
    }

    [Fact]
    public async Task AWatcherGetsEverythingFirstAndThenOnlyWhatChanged()
    {
        _source.Resources.Upsert(ScriptedSource.NewResource("web", "Starting"));
        _source.Resources.Upsert(ScriptedSource.NewResource("db", "Running"));
        await using var updates = WatchResources();

        Assert.Equal(["web", "db"], (await NextAsync(updates)).InitialData.Resources.Select(resource => resource.Name));

        _source.Resources.Upsert(ScriptedSource.NewResource("web", "Running"));
        var upsert = Assert.Single((await NextAsync(updates)).Changes.Value).Upsert;
        Assert.Equal(("web", "Running"), (upsert.Name, upsert.State));

        _source.Resources.Delete("db");
        Assert.Equal("db", Assert.Single((await NextAsync(updates)).Changes.Value).Delete.ResourceName);
    }

    [Fact]
    public async Task AnUpdateThatChangesNothingIsNotSent()
    {
        _source.Resources.Upsert(ScriptedSource.NewResource("web", "Running"));
        await using var updates = WatchResources();
        await NextAsync(updates);

        _source.Resources.Upsert(ScriptedSource.NewResource("web", "Running"));
        _source.Resources.Upsert(ScriptedSource.NewResource("web", "Exited"));

        Assert.Equal("Exited", Assert.Single((await NextAsync(updates)).Changes.Value).Upsert.State);
    }

    [Fact]
    public async Task AWatcherThatDoesNotReadKeepsOnlyTheLastOfEachResource()
    {
        var (_, watcher) = _source.Resources.Watch();
        using (watcher)
        {
            for (var i = 0; i < 10_000; i++)
            {
                _source.Resources.Upsert(ScriptedSource.NewResource("web", $"State {i}"));
            }

            Assert.Equal("State 9999", Assert.Single((await watcher.NextAsync(_deadline.Token)).Value).Upsert.State);
        }
    }

    [Fact]
    public async Task AConsoleIsReplayedAndThenFollowed()
    {
        _source.Write("first");
        _source.Write("second");
        await using var updates = _client.StreamAsync("WatchResourceConsoleLogs", new WatchResourceConsoleLogsRequest { ResourceName = "web" },
            WatchResourceConsoleLogsUpdate.Parser, _deadline.Token).GetAsyncEnumerator();

        Assert.Equal("first", Assert.Single((await NextAsync(updates)).LogLines).Text);
        Assert.Equal("second", Assert.Single((await NextAsync(updates)).LogLines).Text);

        _source.Write("later");
        var later = Assert.Single((await NextAsync(updates)).LogLines);
        Assert.Equal(("later", 3), (later.Text, later.LineNumber));
    }

    [Fact]
    public async Task AConsoleThatIsNotFollowedEndsWithWhatItHolds()
    {
        _source.Write("only");
        var lines = new List<string>();
        await foreach (var update in _client.StreamAsync("WatchResourceConsoleLogs",
            new WatchResourceConsoleLogsRequest { ResourceName = "web", SuppressFollow = true }, WatchResourceConsoleLogsUpdate.Parser, _deadline.Token))
        {
            lines.AddRange(update.LogLines.Select(line => line.Text));
        }

        Assert.Equal(["only"], lines);
    }

    [Fact]
    public async Task TheConsoleOfAnUnknownResourceIsNotFound()
    {
        var failure = await Assert.ThrowsAsync<GrpcFailure>(() => _client.CallAsync("WatchResourceConsoleLogs",
            new WatchResourceConsoleLogsRequest { ResourceName = "nobody" }, WatchResourceConsoleLogsUpdate.Parser, _deadline.Token));

        Assert.Equal(5, failure.Status);
    }

    [Fact]
    public async Task ACommandReachesTheAppHost()
    {
        var answer = await _client.CallAsync("ExecuteResourceCommand",
            new ResourceCommandRequest { CommandName = "restart", ResourceName = "web", ResourceType = "Project" }, ResourceCommandResponse.Parser, _deadline.Token);

        Assert.Equal(ResourceCommandResponseKind.Succeeded, answer.Kind);
        Assert.Equal(("restart", "web"), (Assert.Single(_source.Commands).CommandName, _source.Commands[0].ResourceName));
    }

    [Fact]
    public async Task TheInteractionCallStaysOpenUntilTheDashboardEndsIt()
    {
        using var content = new OpenContent();
        using var response = await _client.SendAsync("WatchInteractions", content, _deadline.Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        var body = response.Content.ReadAsByteArrayAsync(_deadline.Token);
        Assert.False(body.IsCompleted);

        content.End();

        Assert.Empty(await body);
        Assert.Equal("0", response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task AnUnknownCallIsUnimplemented()
    {
        var failure = await Assert.ThrowsAsync<GrpcFailure>(() =>
            _client.CallAsync("UploadFile", new WatchResourcesRequest(), WatchResourcesUpdate.Parser, _deadline.Token));

        Assert.Equal(12, failure.Status);
    }

    [Theory]
    [InlineData(new byte[] { 1, 0, 0, 0, 0 }, "12")]
    [InlineData(new byte[] { 0, 0x7F, 0, 0, 0 }, "8")]
    [InlineData(new byte[] { 0, 0xFF, 0xFF, 0xFF, 0xFF }, "8")]
    [InlineData(new byte[] { 0, 0, 0, 0, 9, 1 }, "13")]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 0xFF }, "13")]
    public async Task ABadFrameIsRefusedWithAStatus(byte[] frame, string expectedStatus)
    {
        using var response = await _client.SendAsync("WatchResources", new ByteArrayContent(frame), _deadline.Token);
        await response.Content.ReadAsByteArrayAsync(_deadline.Token);

        Assert.Equal(expectedStatus, response.TrailingHeaders.GetValues("grpc-status").Single());
    }

    [Fact]
    public async Task StoppingEndsTheWatchersAtOnce()
    {
        await using var updates = WatchResources();
        await NextAsync(updates);
        var next = updates.MoveNextAsync();

        await _server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<GrpcFailure>(async () => await next);
        Assert.Equal(14, failure.Status);
    }

    private IAsyncEnumerator<WatchResourcesUpdate> WatchResources() =>
        _client.StreamAsync("WatchResources", new WatchResourcesRequest(), WatchResourcesUpdate.Parser, _deadline.Token).GetAsyncEnumerator();

    /// <summary>A request body that is begun and not ended, as a dashboard's is that has no answer to give yet.</summary>
    private sealed class OpenContent : HttpContent
    {
        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void End() => _ended.SetResult();

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            await stream.FlushAsync();
            await _ended.Task;
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }

    private static async Task<T> NextAsync<T>(IAsyncEnumerator<T> updates)
    {
        Assert.True(await updates.MoveNextAsync());
        return updates.Current;
    }
}
