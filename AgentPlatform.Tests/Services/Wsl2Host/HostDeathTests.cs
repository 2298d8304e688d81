using System.Globalization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.ServiceDefaults.HostCalls;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>What a host process that is killed leaves, and what the next one makes of it.</summary>
public sealed class HostDeathTests : IAsyncLifetime
{
    private readonly LinuxHost _host = new();
    private readonly string _failpoints = Directory.CreateTempSubdirectory("agentplatform-test-failpoints-").FullName;
    private HostProcess _process = null!;

    public async Task InitializeAsync() => _process = await StartAsync();

    public async Task DisposeAsync()
    {
        await _process.DisposeAsync();
        await _host.DisposeAsync();
        Directory.Delete(_failpoints, recursive: true);
    }

    [Fact]
    public async Task AnInstanceThatIsHalfMadeIsGoneAndCanBeAskedForAgain()
    {
        var request = HostNode.NewInstance();
        await KilledAtAsync(FailpointNames.InstanceCreating, client => client.CreateInstanceAsync(request, CancellationToken.None));

        await StartAgainAsync();

        Assert.Empty(_host.Remains());
        Assert.Equal(InstanceState.Running, (await _process.Client.CreateInstanceAsync(request, CancellationToken.None)).State);
        Assert.Equal("works", await RunAsync(request.Id, "printf works"));
    }

    [Fact]
    public async Task AnInstanceThatNobodyWasToldOfIsFoundByWhoeverAsksAgain()
    {
        var request = HostNode.NewInstance();
        await KilledAtAsync(FailpointNames.InstanceCreated, client => client.CreateInstanceAsync(request, CancellationToken.None));

        await StartAgainAsync();
        await _process.Client.CreateInstanceAsync(request, CancellationToken.None);

        Assert.Single(Directory.EnumerateDirectories(_host.Directories.Instances));
        Assert.Equal("works", await RunAsync(request.Id, "printf works"));
    }

    [Fact]
    public async Task InstancesWithoutACommandAreReadyForTheirFirstAfterwards()
    {
        var request = HostNode.NewInstance();
        await _process.Client.CreateInstanceAsync(request, CancellationToken.None);

        await KillAndStartAgainAsync();

        Assert.Equal("/workspace 1000", await RunAsync(request.Id, "printf '%s %s' $(pwd) $(id -u)"));
    }

    [Fact]
    public async Task ARunningCommandGoesOnAndItsOutputContinuesFromItsOffset()
    {
        var (instance, command) = await StartAsync("echo begun >> /workspace/starts; n=0; until [ -e /workspace/go ]; do n=$((n + 1)); echo $n; sleep 0.02; done; echo last; exit 7");
        var before = await UntilItSaysAsync(instance, command, "5\n");

        await KillAndStartAgainAsync();

        var still = await _process.Client.GetCommandAsync(instance, command, 0, CancellationToken.None);
        Assert.Equal(CommandState.Running, still.State);
        await RunAsync(instance, ": > go");
        var ended = await _process.Client.GetCommandAsync(instance, command, HostLimits.WaitSecondsMax, CancellationToken.None);
        var all = before + await _process.OutputAsync(instance, command, before.Length);
        Assert.Equal((CommandEnd.Exited, 7), (ended.End, ended.ExitCode));
        var lines = all.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal([.. Enumerable.Range(1, lines.Length - 1).Select(number => number.ToString(CultureInfo.InvariantCulture)), "last"], lines);
        Assert.Equal("begun\n", await RunAsync(instance, "cat starts"));
    }

    [Fact]
    public async Task ACommandThatNobodyWasToldOfIsNotStartedAgain()
    {
        var request = HostNode.NewInstance();
        await _process.Client.CreateInstanceAsync(request, CancellationToken.None);
        var command = HostNode.NewCommand("/bin/sh", "-c", "echo begun >> /workspace/starts; until [ -e go ]; do sleep 0.02; done; echo done");
        await KilledAtAsync(FailpointNames.CommandLaunched, client => client.StartCommandAsync(request.Id, command, CancellationToken.None));

        await StartAgainAsync();
        await _process.Client.StartCommandAsync(request.Id, command, CancellationToken.None);
        await RunAsync(request.Id, ": > go");

        var ended = await _process.Client.GetCommandAsync(request.Id, command.Id, HostLimits.WaitSecondsMax, CancellationToken.None);
        Assert.Equal((CommandEnd.Exited, 0), (ended.End, ended.ExitCode));
        Assert.Equal("begun\n", await RunAsync(request.Id, "cat starts"));
    }

    [Fact]
    public async Task ACommandThatEndedWhileNobodyWasThereHasItsExitCodeAndItsOutput()
    {
        var (instance, command) = await StartAsync("echo ready; until [ -e go ]; do sleep 0.02; done; echo after; exit 9");
        await UntilItSaysAsync(instance, command, "ready");
        await _process.KillAsync();

        // The instance's disk is as good a way in as any.
        await File.WriteAllTextAsync(Path.Combine(_host.Directories.Instance(instance), "scratch", "changes", "go"), "");
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(_host.Directories.Instance(instance), "commands", command.ToString(), "finished")), "the command ends");
        await StartAgainAsync();

        var ended = await _process.Client.GetCommandAsync(instance, command, 0, CancellationToken.None);
        Assert.Equal((CommandEnd.Exited, 9), (ended.End, ended.ExitCode));
        Assert.Equal("ready\nafter\n", await _process.OutputAsync(instance, command));
    }

    [Fact]
    public async Task AnEndThatWasSeenButNotReadIsReadFromTheNextHost()
    {
        var (instance, command) = await StartAsync("echo quick; exit 4");
        await _process.Client.GetCommandAsync(instance, command, HostLimits.WaitSecondsMax, CancellationToken.None);

        await KillAndStartAgainAsync();

        var ended = await _process.Client.GetCommandAsync(instance, command, 0, CancellationToken.None);
        Assert.Equal((CommandEnd.Exited, 4), (ended.End, ended.ExitCode));
        Assert.Equal("quick\n", await _process.OutputAsync(instance, command));
    }

    [Fact]
    public async Task AFetchThatWasCutShortLeavesNothingAndIsDoneAgain()
    {
        await using var server = await GitServer.StartAsync();
        var repository = server.Create("octo/project");
        var head = repository.Commit("refs/heads/main", null, "echo one > a.txt");
        await RestartAsync(("Wsl2Host:Forges:forge.test:GitUrl", server.Url));
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.Before = context =>
        {
            stalled.TrySetResult();
            return goOn.Task.WaitAsync(context.RequestAborted);
        };
        var request = HostNode.NewInstance();
        var workspace = new PrepareWorkspaceRequest(1, new RepositorySource("forge.test", 7, "octo/project"), "refs/heads/main", head, BaseSha: null, Token: null);
        await _process.Client.CreateInstanceAsync(request, CancellationToken.None);
        var cut = _process.Client.PrepareWorkspaceAsync(request.Id, workspace, CancellationToken.None);
        await stalled.Task.WaitAsync(Eventually.Patience);

        await _process.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => cut);
        await Eventually.TrueAsync(() => _host.ToolGroups().All(group => !IsPopulated(group)), "git ends with the host");
        server.Before = _ => Task.CompletedTask;
        goOn.SetResult();
        await StartAgainAsync(("Wsl2Host:Forges:forge.test:GitUrl", server.Url));

        await _process.Client.PrepareWorkspaceAsync(request.Id, workspace, CancellationToken.None);
        Assert.Equal("one\n", await RunAsync(request.Id, "cat a.txt"));
        Assert.Empty(_host.ToolGroups());
        Assert.Single(Directory.EnumerateDirectories(_host.Directories.Checkouts));
    }

    [Fact]
    public async Task ACheckoutThatWasMadeButNotLaidUnderIsUsedByTheNextHost()
    {
        await using var server = await GitServer.StartAsync();
        var head = server.Create("octo/project").Commit("refs/heads/main", null, "echo one > a.txt");
        await RestartAsync(("Wsl2Host:Forges:forge.test:GitUrl", server.Url));
        var request = HostNode.NewInstance();
        var workspace = new PrepareWorkspaceRequest(1, new RepositorySource("forge.test", 7, "octo/project"), "refs/heads/main", head, BaseSha: null, Token: null);
        await _process.Client.CreateInstanceAsync(request, CancellationToken.None);
        await KilledAtAsync(FailpointNames.WorkspaceFetched, client => client.PrepareWorkspaceAsync(request.Id, workspace, CancellationToken.None));

        await StartAgainAsync(("Wsl2Host:Forges:forge.test:GitUrl", server.Url));
        var view = await _process.Client.PrepareWorkspaceAsync(request.Id, workspace, CancellationToken.None);

        Assert.False(view.Fetched);
        Assert.Equal("one\n", await RunAsync(request.Id, "cat a.txt"));
    }

    [Fact]
    public async Task ADestructionThatWasCutShortIsFinishedAndTheInstanceDoesNotComeBack()
    {
        var (instance, command) = await StartAsync("echo ready; sleep 600");
        await UntilItSaysAsync(instance, command, "ready");
        await KilledAtAsync(FailpointNames.InstanceDestroying, client => client.DestroyInstanceAsync(instance, 1, CancellationToken.None));

        await StartAgainAsync();

        Assert.Empty(_host.Remains());
        Assert.Equal(
            HostProblemCodes.InstanceEnded,
            (await Assert.ThrowsAsync<HostCallException>(() => _process.Client.GetInstanceAsync(instance, CancellationToken.None))).Code);
    }

    [Fact]
    public async Task AnInstanceWhoseLeaseRanOutMeanwhileIsDestroyed()
    {
        var request = HostNode.NewInstance(leaseSeconds: 2);
        var kept = HostNode.NewInstance();
        await _process.Client.CreateInstanceAsync(request, CancellationToken.None);
        await _process.Client.CreateInstanceAsync(kept, CancellationToken.None);
        var command = HostNode.NewCommand("/bin/sleep", "600");
        await _process.Client.StartCommandAsync(request.Id, command, CancellationToken.None);
        var over = TimeProvider.System.GetTimestamp();

        await _process.KillAsync();
        await Eventually.TrueAsync(() => TimeProvider.System.GetElapsedTime(over) > TimeSpan.FromSeconds(2), "the lease runs out");
        await StartAgainAsync();

        Assert.Equal([kept.Id.ToString()], Directory.EnumerateDirectories(_host.Directories.Instances).Select(Path.GetFileName));
        Assert.DoesNotContain(_host.Remains(), line => line.Contains(request.Id.ToString(), StringComparison.Ordinal));
        await Assert.ThrowsAsync<HostCallException>(() => _process.Client.GetInstanceAsync(request.Id, CancellationToken.None));
    }

    [Fact]
    public async Task KilledAtAnyMomentOfManyCallsNothingIsLeftThatNobodyOwns()
    {
        for (var round = 0; round < 3; round++)
        {
            var ids = new List<InstanceId>();
            var calls = Enumerable.Range(0, 8).Select(async _ =>
            {
                var request = HostNode.NewInstance();
                lock (ids)
                {
                    ids.Add(request.Id);
                }

                await _process.Client.CreateInstanceAsync(request, CancellationToken.None);
                await _process.Client.StartCommandAsync(request.Id, HostNode.NewCommand("/bin/sleep", "600"), CancellationToken.None);
                await _process.Client.DestroyInstanceAsync(request.Id, 1, CancellationToken.None);
            }).ToList();
            await Task.WhenAny(calls);
            await _process.KillAsync();
            await Task.WhenAll(calls.Select(call => call.ContinueWith(_ => { }, TaskScheduler.Default)));

            await StartAgainAsync();
            foreach (var id in ids)
            {
                await _process.Client.DestroyInstanceAsync(id, 1, CancellationToken.None);
            }

            Assert.Empty(_host.Remains());
        }
    }

    private Task<HostProcess> StartAsync(params (string, string)[] settings) =>
        HostProcess.StartAsync(HostProcess.Environment(_host.Options, [("Failpoints:Directory", _failpoints), ("Wsl2Host:ReapGrace", "00:00:00"), .. settings]));

    private async Task StartAgainAsync(params (string, string)[] settings)
    {
        await _process.DisposeAsync();
        _process = await StartAsync(settings);
    }

    private async Task KillAndStartAgainAsync()
    {
        await _process.KillAsync();
        await StartAgainAsync();
    }

    private async Task RestartAsync(params (string, string)[] settings)
    {
        await _process.StopAsync();
        await StartAgainAsync(settings);
    }

    /// <summary>Makes a call, and kills the host where the call is at the named place.</summary>
    private async Task KilledAtAsync(string failpoint, Func<HostClient, Task> call)
    {
        var (hold, held) = (Path.Combine(_failpoints, $"{failpoint}.hold"), Path.Combine(_failpoints, $"{failpoint}.held"));
        await File.WriteAllTextAsync(hold, "");
        var cut = call(_process.Client);
        await Eventually.TrueAsync(() => File.Exists(held) || cut.IsCompleted, failpoint);
        Assert.False(cut.IsCompleted);
        await _process.KillAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => cut);
        File.Delete(held);
    }

    private async Task<(InstanceId Instance, CommandId Command)> StartAsync(string script)
    {
        var request = HostNode.NewInstance();
        await _process.Client.CreateInstanceAsync(request, CancellationToken.None);
        var command = HostNode.NewCommand("/bin/sh", "-c", script);
        await _process.Client.StartCommandAsync(request.Id, command, CancellationToken.None);
        return (request.Id, command.Id);
    }

    private async Task<string> RunAsync(InstanceId instance, string script)
    {
        var command = HostNode.NewCommand("/bin/sh", "-c", script);
        await _process.Client.StartCommandAsync(instance, command, CancellationToken.None);
        await _process.Client.GetCommandAsync(instance, command.Id, HostLimits.WaitSecondsMax, CancellationToken.None);
        return await _process.OutputAsync(instance, command.Id);
    }

    private async Task<string> UntilItSaysAsync(InstanceId instance, CommandId command, string expected)
    {
        var output = "";
        await Eventually.TrueAsync(async () => (output = await _process.OutputAsync(instance, command)).Contains(expected, StringComparison.Ordinal), expected);
        return output;
    }

    private static bool IsPopulated(string group) =>
        File.Exists(Path.Combine(group, "cgroup.events")) && File.ReadAllText(Path.Combine(group, "cgroup.events")).Contains("populated 1", StringComparison.Ordinal);
}
