using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.Tests.StandIns.Running;

/// <summary>The sample app host, run inside the test process.</summary>
public sealed class TestingBuilderTests
{
    [Fact]
    public async Task TwoAppHostsRunSideBySideAndLeaveNothing()
    {
        using var deadline = new CancellationTokenSource(TestApp.Patience);
        var apps = await Task.WhenAll(StartAsync(deadline.Token), StartAsync(deadline.Token));
        await Task.WhenAll(apps.Select(app => app.ResourceNotifications.WaitForResourceHealthyAsync("web", deadline.Token)));
        Assert.NotEqual(apps[0].GetEndpoint("web"), apps[1].GetEndpoint("web"));
        Assert.NotEqual(
            await apps[0].GetConnectionStringAsync("sampledb", deadline.Token), await apps[1].GetConnectionStringAsync("sampledb", deadline.Token));
        var started = new List<ProcessTree.Entry>();
        foreach (var app in apps)
        {
            using var client = app.CreateHttpClient("web", "http");
            Assert.Equal("healthy", await client.GetStringAsync("/health", deadline.Token));
            var server = ServerProcess(app);
            started.AddRange(ProcessTree.Below(Environment.ProcessId).Where(process => process.Id == server || process.ParentId == server));
        }

        var directories = ProcessTree.DataDirectories(started);
        Assert.Equal(2, directories.Count);

        await Task.WhenAll(apps.Select(app => app.DisposeAsync().AsTask()));

        Assert.Empty(ProcessTree.Living(started));
        Assert.All(directories, directory => Assert.False(Directory.Exists(directory)));
    }

    [Fact]
    public async Task TheModelCanBeChangedBeforeItIsBuilt()
    {
        await using var appHost = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Sample_AppHost>(
            ["--environment", "Testing"],
            (options, settings) => options.EnableResourceLogging = false);
        Assert.Equal("Testing", appHost.Environment.EnvironmentName);
        Assert.Equal(
            ["postgres", "sampledb", "redis", "web", "family"],
            appHost.Resources.Where(resource => resource is not ParameterResource).Select(resource => resource.Name));
        foreach (var resource in appHost.Resources.ToList())
        {
            appHost.Resources.Remove(resource);
        }

        appHost.AddExecutable("only", "sleep", ".", "3600");
        await using var app = await appHost.BuildAsync();
        await app.StartAsync();

        await app.ResourceNotifications.WaitForResourceHealthyAsync("only");
        Assert.Throws<ArgumentException>(() => app.GetEndpoint("web"));
    }

    [Fact]
    public async Task AnAppHostThatIsNeverBuiltEndsWithItsBuilder()
    {
        var appHost = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Sample_AppHost>();

        await appHost.DisposeAsync().AsTask().WaitAsync(TestApp.Patience);

        await Assert.ThrowsAsync<OperationCanceledException>(() => appHost.BuildAsync());
    }

    private static async Task<DistributedApplication> StartAsync(CancellationToken cancellationToken)
    {
        var appHost = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Sample_AppHost>(cancellationToken);
        appHost.Services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Warning));
        var app = await appHost.BuildAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        return app;
    }

    private static int ServerProcess(DistributedApplication app)
    {
        Assert.True(app.ResourceNotifications.TryGetCurrentState("postgres", out var state));
        return TestApp.ProcessId(state);
    }
}
