using System.Net;
using System.Net.Http.Json;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Tests.Hosts;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;

namespace AgentPlatform.Tests.AppHost;

/// <summary>The app host, started once for these tests.</summary>
public sealed class WholeSystem : IAsyncLifetime
{
    /// <summary>The collection of all tests that use it, so that it starts once and they take turns.</summary>
    public const string Collection = "whole system";

    private readonly string _hostState = Directory.CreateTempSubdirectory("ap-host-").FullName;
    private DistributedApplication? _app;

    public DistributedApplication App => _app ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync() =>
        _app = await AppHostStart.StartAsync([$"--Wsl2Host:StateDirectory={_hostState}"], ServiceNames.All);

    public async Task DisposeAsync()
    {
        if (_app is not null)
        {
            await _app.DisposeAsync();
        }

        Directory.Delete(_hostState, recursive: true);
    }
}

/// <summary>Binds the tests of <see cref="WholeSystem.Collection"/> to the one system.</summary>
[CollectionDefinition(WholeSystem.Collection)]
public sealed class WholeSystemCollection : ICollectionFixture<WholeSystem>;

[Collection(WholeSystem.Collection)]
[Trait("Needs", "Linux")]
public sealed class WholeSystemTests(WholeSystem system)
{
    [Fact]
    public async Task EveryServiceReachesItsOwnCornerOfPostgresAndRedis()
    {
        using var client = system.App.CreateHttpClient(ServiceNames.Gateway);
        var status = await client.GetFromJsonAsync<SystemStatus>("/api/v1/system");
        Assert.NotNull(status);
        Assert.True(status.Healthy, string.Join("; ", status.Services.Where(service => !service.Healthy).Select(service => $"{service.Name}: {service.Error}")));
        Assert.Equal(
            [ServiceNames.Gateway, ServiceNames.Scheduler, ServiceNames.Sessions, ServiceNames.Webhooks],
            status.Services.Select(service => service.Name).Order(StringComparer.Ordinal));
        Assert.All(status.Services, service => Assert.Equal(["postgres", "redis"], service.Dependencies.Select(item => item.Name).Order(StringComparer.Ordinal)));
    }

    [Fact]
    public async Task ProvisioningHasEndedWellBeforeTheServicesRun()
    {
        var ended = await system.App.ResourceNotifications
            .WaitForResourceAsync("provisioning", happened => happened.Snapshot.State?.Text == KnownResourceStates.Finished)
            .WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(0, ended.Snapshot.ExitCode);
    }

    [Fact]
    public async Task AWebhookWithoutAGoodSignatureIsRefused()
    {
        using var client = system.App.CreateHttpClient(ServiceNames.Webhooks);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/webhooks/github") { Content = new StringContent("{}", Encoding.UTF8, "application/json") };
        request.Headers.Add("X-GitHub-Event", "ping");
        request.Headers.Add("X-GitHub-Delivery", "00000000-0000-4000-8000-000000000000");
        request.Headers.Add("X-Hub-Signature-256", "sha256=" + new string('0', 64));
        using var response = await client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }

    [Theory]
    [InlineData(ServiceNames.Scheduler, "/internal/status")]
    [InlineData(ServiceNames.Sessions, "/internal/status")]
    [InlineData(ServiceNames.Webhooks, "/internal/status")]
    public async Task AServiceAnswersOthersOnlyWithAToken(string service, string path)
    {
        using var client = system.App.CreateHttpClient(service);
        using var response = await client.GetAsync(path);
        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
    }
}
