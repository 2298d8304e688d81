using System.Diagnostics;
using System.Globalization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Tests.Hosts;
using Services.Wsl2Host.Hosting;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>Hosts that belong to somebody, as on a developer's machine: what runs ends with the owner, not with the host.</summary>
public sealed class LifelineTests : IAsyncLifetime
{
    private readonly LinuxHost _host = new();
    private readonly List<Owner> _owners = [];
    private readonly List<HostProcess> _hosts = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var owner in _owners)
        {
            await owner.KillAsync();
        }

        foreach (var host in _hosts)
        {
            await host.DisposeAsync();
        }

        await Eventually.TrueAsync(() => Lines().Count == 0, "the lifelines end");
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task WhatRunsGoesOnWhileTheHostIsStartedAgain(bool killed)
    {
        var owner = await NewOwnerAsync();
        var host = await StartAsync(owner);
        var (instance, command) = await RunAsync(host, "echo begun >> starts; until [ -e go ]; do sleep 0.02; done; echo done");

        await (killed ? host.KillAsync() : host.StopAsync());
        host = await StartAsync(owner);

        Assert.Equal(CommandState.Running, (await host.Client.GetCommandAsync(instance, command, 0, CancellationToken.None)).State);
        var (_, go) = await RunAsync(host, ": > go; cat starts", instance);
        Assert.Equal(CommandEnd.Exited, (await host.Client.GetCommandAsync(instance, command, HostLimits.WaitSecondsMax, CancellationToken.None)).End);
        await host.Client.GetCommandAsync(instance, go, HostLimits.WaitSecondsMax, CancellationToken.None);
        Assert.Equal("begun\n", await host.OutputAsync(instance, go));
        Assert.Single(Lines());
    }

    [Fact]
    public async Task EverythingEndsWhenTheOwnerIsKilledAndTheHostWasKilledBefore()
    {
        var owner = await NewOwnerAsync();
        var host = await StartAsync(owner);
        await RunAsync(host, "sleep 600");
        await host.KillAsync();
        Assert.NotEmpty(_host.Remains());

        await owner.KillAsync();

        await Eventually.TrueAsync(() => Lines().Count == 0, "the lifeline ends");
        Assert.Empty(_host.Remains());
        Assert.False(File.Exists(owner.File));
    }

    [Fact]
    public async Task EverythingEndsWhenTheOwnerIsKilledAndThenTheHostIsEnded()
    {
        var owner = await NewOwnerAsync();
        var host = await StartAsync(owner);
        await RunAsync(host, "trap '' TERM; sleep 600");

        // The one who starts hosts for an app host ends them when it is gone.
        await owner.KillAsync();
        await host.StopAsync();

        Assert.Empty(_host.Remains());
        await Eventually.TrueAsync(() => Lines().Count == 0, "the lifeline ends");
    }

    [Fact]
    public async Task ANewOwnerTakesOverTheDirectoryOfOneThatIsGoneButNotWhatRan()
    {
        var first = await NewOwnerAsync();
        var host = await StartAsync(first);
        var (instance, _) = await RunAsync(host, "sleep 600");
        await host.KillAsync();
        await first.KillAsync();

        host = await StartAsync(await NewOwnerAsync());

        Assert.DoesNotContain("keeps its state", host.Log, StringComparison.Ordinal);
        await Assert.ThrowsAnyAsync<Exception>(() => host.Client.GetInstanceAsync(instance, CancellationToken.None));
        Assert.Empty(_host.Remains());
    }

    [Fact]
    public async Task EachOwnerHasAStateDirectoryAndOnlyTheFirstIsKept()
    {
        var (first, second) = (await NewOwnerAsync(), await NewOwnerAsync());
        var one = await StartAsync(first);
        var two = await StartAsync(second);
        var (beside, runtime) = ($"{_host.Options.StateDirectory}-2", $"{_host.Options.RuntimeDirectory}-2");
        Assert.Contains($"keeps its state in {beside}", two.Log, StringComparison.Ordinal);
        var (kept, _) = await RunAsync(one, "sleep 600");
        var (own, command) = await RunAsync(two, "sleep 600");

        await two.KillAsync();
        two = await StartAsync(second);
        Assert.Equal(CommandState.Running, (await two.Client.GetCommandAsync(own, command, 0, CancellationToken.None)).State);
        Assert.True(Directory.Exists(runtime));

        await second.KillAsync();
        await two.StopAsync();
        await Eventually.TrueAsync(() => !Directory.Exists(beside) && Lines().Count == 1, "the second directory is removed");
        Assert.False(Directory.Exists(runtime));
        Assert.Equal(InstanceState.Running, (await one.Client.GetInstanceAsync(kept, CancellationToken.None)).State);
    }

    [Fact]
    public async Task WhatAnOwnerLeftWhoseLifelineWasKilledTooIsRemovedByTheNextHost()
    {
        var (first, second) = (await NewOwnerAsync(), await NewOwnerAsync());
        var one = await StartAsync(first);
        var two = await StartAsync(second);
        await RunAsync(two, "sleep 600");
        var beside = $"{_host.Options.StateDirectory}-2";
        foreach (var line in Lines().Where(line => line.Arguments.Contains(beside)))
        {
            using var shell = Process.GetProcessById(line.Process);
            shell.Kill(entireProcessTree: true);
        }

        await two.KillAsync();
        await second.KillAsync();
        Assert.True(Directory.Exists(beside));
        await one.KillAsync();
        await StartAsync(first);

        Assert.False(Directory.Exists(beside));
        Assert.False(Directory.Exists($"{_host.Options.RuntimeDirectory}-2"));
        Assert.Empty(GroupsOf(beside));
    }

    [Fact]
    public async Task ADirectoryThatHappensToHaveSuchANameIsLeftAlone()
    {
        var foreign = Directory.CreateDirectory($"{_host.Options.StateDirectory}-2");
        await File.WriteAllTextAsync(Path.Combine(foreign.FullName, "precious"), "");
        try
        {
            await StartAsync(await NewOwnerAsync());
            var two = await StartAsync(await NewOwnerAsync());

            Assert.Contains($"keeps its state in {_host.Options.StateDirectory}-3", two.Log, StringComparison.Ordinal);
            Assert.True(File.Exists(Path.Combine(foreign.FullName, "precious")));
        }
        finally
        {
            foreign.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task AnOwnerThatIsNotThereIsAClearRefusal()
    {
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(new Owner("/no/such/owner", null)));

        Assert.Contains("Wsl2Host:LifelineFile names /no/such/owner, which nobody keeps locked", refused.Message, StringComparison.Ordinal);
    }

    private async Task<HostProcess> StartAsync(Owner owner)
    {
        var host = await HostProcess.StartAsync(HostProcess.Environment(_host.Options, ("Wsl2Host:Lifeline", "true"), ("Wsl2Host:LifelineFile", owner.File)));
        _hosts.Add(host);
        return host;
    }

    private async Task<Owner> NewOwnerAsync()
    {
        var owner = await Owner.StartAsync();
        _owners.Add(owner);
        return owner;
    }

    private static async Task<(InstanceId Instance, CommandId Command)> RunAsync(HostProcess host, string script, InstanceId? instance = null)
    {
        if (instance is null)
        {
            var request = HostNode.NewInstance();
            await host.Client.CreateInstanceAsync(request, CancellationToken.None);
            instance = request.Id;
        }

        var command = HostNode.NewCommand("/bin/sh", "-c", script);
        await host.Client.StartCommandAsync(instance.Value, command, CancellationToken.None);
        return (instance.Value, command.Id);
    }

    /// <summary>The lifelines of this test's hosts that are there.</summary>
    private List<(int Process, string[] Arguments)> Lines() =>
    [
        .. Directory.EnumerateDirectories("/proc")
            .Select(path => int.TryParse(Path.GetFileName(path), CultureInfo.InvariantCulture, out var process) ? process : 0)
            .Where(process => process > 0)
            .Select(process => (Process: process, Arguments: Arguments(process)))
            .Where(found => found.Arguments is [_, _, _, "lifeline", ..] && found.Arguments[6].StartsWith(_host.Options.StateDirectory, StringComparison.Ordinal)),
    ];

    private static string[] Arguments(int process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Split('\0');
        }
        catch (IOException)
        {
            return [];
        }
    }

    private IEnumerable<string> GroupsOf(string state)
    {
        var key = new HostDirectories(new Wsl2HostOptions { StateDirectory = state }).Key;
        return Directory.EnumerateDirectories("/sys/fs/cgroup").Append("/sys/fs/cgroup").Select(root => Path.Combine(root, _host.Options.CgroupParent, key)).Where(Directory.Exists);
    }

    /// <summary>A process that keeps a file locked for as long as it lives, as an app host does.</summary>
    private sealed class Owner(string file, Process? process)
    {
        public string File => file;

        public static async Task<Owner> StartAsync()
        {
            var file = Path.Combine(Path.GetTempPath(), $"agentplatform-test-owner-{Guid.NewGuid():N}");
            var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "exec 9>\"$1\"; flock 9; echo locked; read -r _", "owner", file])
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
            })!;
            Assert.Equal("locked", await process.StandardOutput.ReadLineAsync());
            return new Owner(file, process);
        }

        public async Task KillAsync()
        {
            if (process is { HasExited: false })
            {
                process.Kill();
                await process.WaitForExitAsync();
            }

            // A lifeline removes it, but there may have been none.
            System.IO.File.Delete(file);
        }
    }
}
