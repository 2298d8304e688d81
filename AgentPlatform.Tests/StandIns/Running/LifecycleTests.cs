using System.Net;
using System.Net.Sockets;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Running;

public sealed class LifecycleTests
{
    [Fact]
    public async Task ACrashShowsTheLastLinesOfTheResource()
    {
        const string Script = "i=1; while [ $i -le 30 ]; do echo line $i.; i=$((i+1)); done; sleep 0.2; echo the end >&2; exit 7";
        await using var app = await TestApp.StartAsync(builder => builder.AddExecutable("crasher", "sh", ".", "-c", Script));

        var change = await app.UntilAsync("crasher", KnownResourceStates.Exited);

        Assert.Equal(7, change.Snapshot.ExitCode);
        Assert.Contains("Resource 'crasher'", app.Log, StringComparison.Ordinal);
        Assert.Contains("exit code 7", app.Log, StringComparison.Ordinal);
        Assert.Contains("the end", app.Log, StringComparison.Ordinal);
        Assert.Contains("line 12.", app.Log, StringComparison.Ordinal);
        Assert.DoesNotContain("line 11.", app.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConsoleOutputIsKeptWithNumbersAndStreams()
    {
        await using var app = await TestApp.StartAsync(builder =>
            builder.AddExecutable("talker", "sh", ".", "-c", "echo out; sleep 0.2; echo err >&2"));
        await app.UntilAsync("talker", KnownResourceStates.Finished);

        var first = await app.LineAsync("talker", text => text.EndsWith(" out", StringComparison.Ordinal));
        var second = await app.LineAsync("talker", text => text.EndsWith(" err", StringComparison.Ordinal));

        Assert.Equal((1, false), (first.LineNumber, first.IsErrorMessage));
        Assert.Equal((2, true), (second.LineNumber, second.IsErrorMessage));
    }

    [Fact]
    public async Task ARestartIsANewProcess()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddExecutable("server", "sleep", ".", "3600"));
        var before = TestApp.ProcessId(await app.UntilAsync("server", KnownResourceStates.Running));

        var result = await app.App.ResourceCommands.ExecuteCommandAsync("server", KnownResourceCommands.RestartCommand, app.Deadline);

        Assert.True(result.Success, result.Message);
        var after = await app.States.WaitForResourceAsync(
            "server",
            change => change.Snapshot.State?.Text == KnownResourceStates.Running && TestApp.ProcessId(change) != before,
            app.Deadline);
        Assert.NotEqual(before, TestApp.ProcessId(after));
        Assert.False(Directory.Exists($"/proc/{before}"));
    }

    [Fact]
    public async Task AStoppedResourceIsStartedAgainByCommand()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddExecutable("server", "sleep", ".", "3600"));
        await app.UntilAsync("server", KnownResourceStates.Running);
        var commands = app.App.ResourceCommands;

        Assert.True((await commands.ExecuteCommandAsync("server", KnownResourceCommands.StopCommand, app.Deadline)).Success);
        Assert.True(app.States.TryGetCurrentState("server", out var stopped));
        Assert.Equal(KnownResourceStates.Exited, stopped.Snapshot.State?.Text);
        Assert.False((await commands.ExecuteCommandAsync("server", KnownResourceCommands.StopCommand, app.Deadline)).Success);

        Assert.True((await commands.ExecuteCommandAsync("server", KnownResourceCommands.StartCommand, app.Deadline)).Success);
        await app.UntilAsync("server", KnownResourceStates.Running);
        Assert.False((await commands.ExecuteCommandAsync("server", "no-such-command", app.Deadline)).Success);
        Assert.False((await commands.ExecuteCommandAsync("nobody", KnownResourceCommands.StopCommand, app.Deadline)).Success);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ATakenPortNamesItsOwner(bool isProxied)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var port = ((IPEndPoint)taken.LocalEndpoint).Port;
        var builder = TestApp.NewBuilder("DcpPublisher:RandomizePorts=false");
        if (isProxied)
        {
            builder.AddExecutable("server", "sleep", ".", "3600").WithHttpEndpoint(port: port, targetPort: 1);
        }
        else
        {
            builder.AddRedis("server", port);
        }

        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => TestApp.StartAsync(builder));

        Assert.Contains($"Port {port} is already in use by process {Environment.ProcessId} (", error.Message, StringComparison.Ordinal);
        Assert.Contains("'server'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AMissingParameterNamesItselfAndItsKey()
    {
        await using var app = await TestApp.StartAsync(builder =>
        {
            var parameter = builder.AddParameter("model-key", secret: true);
            builder.AddExecutable("user", "sleep", ".", "3600").WithEnvironment("MODEL_KEY", parameter);
        });

        var parameter = await app.UntilAsync("model-key", KnownResourceStates.ValueMissing);
        await app.UntilAsync("user", KnownResourceStates.FailedToStart);

        Assert.Equal("Parameter", parameter.Snapshot.ResourceType);
        Assert.Contains("'model-key'", app.Log, StringComparison.Ordinal);
        Assert.Contains("Parameters:model-key", app.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AContainerThatNoProgramStandsForSaysWhatItNeeds()
    {
        await using var app = await TestApp.StartAsync(builder => builder.AddContainer("box", "example/box", "1.0"));

        await app.UntilAsync("box", KnownResourceStates.FailedToStart);

        Assert.Contains("'box' is a container (example/box:1.0) and needs Aspire itself", app.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task VariablesReachTheProgramWhateverTheirNamesAndAppHostSecretsDoNot()
    {
        await using var app = await TestApp.StartAsync(builder => builder
            .AddExecutable("printer", "env", ".").WithEnvironment("services__my-api__http__0", "http://localhost:1"));
        await app.UntilAsync("printer", KnownResourceStates.Finished);

        await app.LineAsync("printer", text => text.EndsWith(" services__my-api__http__0=http://localhost:1", StringComparison.Ordinal));
    }
}
