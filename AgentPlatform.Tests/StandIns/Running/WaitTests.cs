using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace AgentPlatform.Tests.StandIns.Running;

public sealed class WaitTests
{
    [Fact]
    public async Task AResourceStartsOnceWhatItWaitsForIsHealthyAndReady()
    {
        var (healthy, readied) = (false, new TaskCompletionSource());
        await using var app = await TestApp.StartAsync(builder =>
        {
            builder.Services.AddHealthChecks().AddCheck(
                "door", () => Volatile.Read(ref healthy) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("shut"));
            var dependency = builder.AddExecutable("dependency", "sleep", ".", "3600").WithHealthCheck("door");
            builder.AddExecutable("dependent", "sleep", ".", "3600").WaitFor(dependency);
            builder.Eventing.Subscribe<ResourceReadyEvent>(dependency.Resource, (_, _) => readied.Task);
        });

        await app.States.WaitForResourceAsync(
            "dependency", change => change.Snapshot.HealthReports.Any(report => report.Description == "shut"), app.Deadline);
        Assert.True(app.States.TryGetCurrentState("dependent", out var waiting));
        Assert.Equal(KnownResourceStates.Waiting, waiting.Snapshot.State?.Text);

        Volatile.Write(ref healthy, true);
        await app.States.WaitForResourceAsync("dependency", change => change.Snapshot.HealthStatus == HealthStatus.Healthy, app.Deadline);
        Assert.True(app.States.TryGetCurrentState("dependent", out waiting));
        Assert.Equal(KnownResourceStates.Waiting, waiting.Snapshot.State?.Text);

        readied.SetResult();
        await app.States.WaitForResourceHealthyAsync("dependent", app.Deadline);
    }

    [Fact]
    public async Task WaitingFailsWhenTheDependencyFails()
    {
        await using var app = await TestApp.StartAsync(builder =>
        {
            var dependency = builder.AddExecutable("dependency", "sh", ".", "-c", "exit 3").WithHealthCheck("never");
            builder.Services.AddHealthChecks().AddCheck("never", () => HealthCheckResult.Unhealthy());
            builder.AddExecutable("dependent", "sleep", ".", "3600").WaitFor(dependency);
        });

        await app.UntilAsync("dependent", KnownResourceStates.FailedToStart);

        var line = await app.LineAsync("dependent", text => text.Contains("Failed to start", StringComparison.Ordinal));
        Assert.Contains("has entered the 'Exited' state prematurely", line.Content, StringComparison.Ordinal);
        await Assert.ThrowsAsync<DistributedApplicationException>(() => app.States.WaitForResourceHealthyAsync("dependent", app.Deadline));
    }

    [Fact]
    public async Task ADependencyThatCannotBeStartedFailsThoseThatWaitForIt()
    {
        await using var app = await TestApp.StartAsync(builder =>
        {
            var dependency = builder.AddExecutable("dependency", "no-such-program", ".");
            builder.AddExecutable("dependent", "sleep", ".", "3600").WaitForStart(dependency);
        });

        await app.UntilAsync("dependent", KnownResourceStates.FailedToStart);

        Assert.Contains("there is no program 'no-such-program'", app.Log, StringComparison.Ordinal);
        Assert.Contains("failed to start.", app.Log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, 0, "Running")]
    [InlineData(4, 4, "Running")]
    [InlineData(4, 0, "FailedToStart")]
    public async Task WaitingForCompletionLooksAtTheExitCode(int exitCode, int expected, string outcome)
    {
        await using var app = await TestApp.StartAsync(builder =>
        {
            var job = builder.AddExecutable("job", "sh", ".", "-c", $"exit {exitCode}");
            builder.AddExecutable("dependent", "sleep", ".", "3600").WaitForCompletion(job, expected);
        });

        var reached = await app.States.WaitForResourceAsync("dependent", ["Running", "FailedToStart"], app.Deadline);

        Assert.Equal(outcome, reached);
        Assert.True(app.States.TryGetCurrentState("job", out var job));
        Assert.Equal(exitCode, job.Snapshot.ExitCode);
        Assert.Equal(exitCode == 0 ? "Finished" : "Exited", job.Snapshot.State?.Text);
    }

    [Fact]
    public async Task WithTheChoiceToWaitOnAFailedDependencyMayBeStartedAgain()
    {
        using var directory = new TemporaryDirectory();
        var flag = Path.Combine(directory.Path, "flag");
        await using var app = await TestApp.StartAsync(builder =>
        {
            var dependency = builder.AddExecutable("dependency", "sh", ".", "-c", $"[ -e '{flag}' ] || exit 1; exec sleep 3600");
            builder.Services.AddHealthChecks().AddCheck(
                "flag", () => File.Exists(flag) ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy());
            dependency.WithHealthCheck("flag");
            builder.AddExecutable("dependent", "sleep", ".", "3600").WaitFor(dependency, WaitBehavior.WaitOnResourceUnavailable);
        });
        await app.UntilAsync("dependency", KnownResourceStates.Exited);

        await File.WriteAllTextAsync(flag, "", app.Deadline);
        var result = await app.App.ResourceCommands.ExecuteCommandAsync("dependency", KnownResourceCommands.StartCommand, app.Deadline);

        Assert.True(result.Success, result.Message);
        await app.States.WaitForResourceHealthyAsync("dependent", app.Deadline);
    }

    [Fact]
    public async Task ResourcesThatWaitForEachOtherAreRefused()
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => TestApp.StartAsync(builder =>
        {
            var first = builder.AddExecutable("first", "true", ".");
            var second = builder.AddExecutable("second", "true", ".").WaitFor(first);
            first.WaitFor(second);
        }));

        Assert.Contains("'first' → 'second' → 'first'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AResourceWithExplicitStartWaitsForAPerson()
    {
        await using var app = await TestApp.StartAsync(builder =>
        {
            builder.AddExecutable("manual", "sleep", ".", "3600").WithExplicitStart();
            builder.AddExecutable("other", "sleep", ".", "3600");
        });
        await app.States.WaitForResourceHealthyAsync("other", app.Deadline);

        Assert.True(app.States.TryGetCurrentState("manual", out var manual));
        Assert.Equal(KnownResourceStates.NotStarted, manual.Snapshot.State?.Text);
        await app.App.ResourceCommands.ExecuteCommandAsync("manual", KnownResourceCommands.StartCommand, app.Deadline);
        await app.States.WaitForResourceHealthyAsync("manual", app.Deadline);
    }
}
