using System.Globalization;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Processes;
using Aspire.Hosting.Testing;

namespace AgentPlatform.Tests.StandIns.Running;

public sealed class ReplicaTests
{
    [Fact]
    public async Task TwoReplicasShareOneAddressAndBothAnswer()
    {
        await using var app = await TestApp.StartAsync(builder =>
            builder.AddProject<Projects.Sample_Web>("web").WithReplicas(2).WithHttpHealthCheck("/health"));
        await BothRunAsync(app);

        var processes = await AskAsync(app, "/process", 4);

        Assert.Equal(2, processes.Distinct().Count());
    }

    [Fact]
    public async Task TheAddressGoesOnAnsweringWhileOneReplicaIsDown()
    {
        await using var app = await TestApp.StartAsync(builder =>
            builder.AddProject<Projects.Sample_Web>("web").WithReplicas(2).WithHttpHealthCheck("/health"));
        await BothRunAsync(app);
        var victim = int.Parse(Assert.Single(await AskAsync(app, "/process", 1)), CultureInfo.InvariantCulture);

        Assert.Equal(0, Posix.Kill(victim, Posix.SignalKill));

        var change = await app.UntilAsync("web", KnownResourceStates.Exited);
        Assert.Equal(128 + Posix.SignalKill, change.Snapshot.ExitCode);
        var survivor = Assert.Single((await AskAsync(app, "/process", 4)).Distinct());
        Assert.NotEqual(victim.ToString(CultureInfo.InvariantCulture), survivor);
    }

    [Fact]
    public async Task AProjectRunsInItsDirectoryWithItsProfileAndTelemetrySettings()
    {
        await using var app = await TestApp.StartAsync(builder =>
            builder.AddProject<Projects.Sample_Web>("web").WithHttpHealthCheck("/health").WithArgs("--one", "two words"));
        var running = await app.States.WaitForResourceHealthyAsync("web", app.Deadline);
        using var client = FreshClient(app);

        Assert.Equal("Development", await client.GetStringAsync("/environment/ASPNETCORE_ENVIRONMENT", app.Deadline));
        Assert.Equal("yes", await client.GetStringAsync("/environment/SAMPLE_FROM_PROFILE", app.Deadline));
        Assert.Equal("web", await client.GetStringAsync("/environment/OTEL_SERVICE_NAME", app.Deadline));
        Assert.Equal(
            $"service.instance.id={running.ResourceId["web-".Length..]}",
            await client.GetStringAsync("/environment/OTEL_RESOURCE_ATTRIBUTES", app.Deadline));
        Assert.Equal("""["--one","two words"]""", await client.GetStringAsync("/arguments", app.Deadline));
        Assert.Equal(
            Path.GetDirectoryName(new Projects.Sample_Web().ProjectPath),
            new DirectoryInfo($"/proc/{TestApp.ProcessId(running)}/cwd").LinkTarget);
    }

    [Fact]
    public async Task ReplicasCannotShareAFixedTargetPort()
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => TestApp.StartAsync(builder =>
            builder.AddProject<Projects.Sample_Web>("web", launchProfileName: null).WithHttpEndpoint(targetPort: 7000).WithReplicas(2)));

        Assert.Contains("several replicas", error.Message, StringComparison.Ordinal);
    }

    /// <summary>The first replica to listen makes the resource healthy; this waits for the other too.</summary>
    private static async Task BothRunAsync(TestApp app)
    {
        await app.States.WaitForResourceHealthyAsync("web", app.Deadline);
        await ProcessTree.UntilAsync(
            async () => (await AskAsync(app, "/process", 4)).Distinct().Count() == 2, () => "both replicas listen", app.Deadline);
    }

    private static HttpClient FreshClient(TestApp app) =>
        new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero }) { BaseAddress = app.App.GetEndpoint("web") };

    private static async Task<List<string>> AskAsync(TestApp app, string path, int times)
    {
        using var client = FreshClient(app);
        var answers = new List<string>();
        for (var i = 0; i < times; i++)
        {
            answers.Add(await client.GetStringAsync(path, app.Deadline));
        }

        return answers;
    }
}
