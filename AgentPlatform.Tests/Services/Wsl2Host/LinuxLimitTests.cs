using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>Limits are real, the end is the end of everything, and what a death leaves is found.</summary>
public sealed class LinuxLimitTests : LinuxTestBase
{
    [Fact]
    public async Task AForkBombIsHeldAndEndsWithItsInstance()
    {
        // One that goes on where a fork is refused, and so stays as large as it can become.
        var bomb = Shell("exec perl -e 'fork while 1'");
        await Driver.StartAsync(Instance, bomb, CancellationToken.None);
        var user = User();
        await Until(() => Driver.Usage(Instance)!.Processes >= Spec.ProcessesMax - 1);

        Assert.InRange(ProcessesOf(user).Count, 1, Spec.ProcessesMax);
        await Driver.DestroyAsync(Instance, CancellationToken.None);

        Assert.Empty(ProcessesOf(user));
        Assert.Empty(Host.Remains());
    }

    [Fact]
    public async Task WhatTakesTooMuchMemoryIsEndedAndItsEndSaysWhy()
    {
        var (_, status) = await RunAsync("exec perl -e 'my @a; push @a, \"x\" x 10_000_000 while 1'");

        Assert.Equal(CommandEnd.OutOfMemory, status.End);
        Assert.InRange(Driver.Usage(Instance)!.OutOfMemoryKills, 1, 10);
    }

    [Fact]
    public async Task TheDiskHasASize()
    {
        var (output, status) = await RunAsync("dd if=/dev/zero of=/workspace/a bs=1M count=20 2>&1 && dd if=/dev/zero of=/tmp/b bs=1M count=20 2>&1");

        Assert.NotEqual(0, status.ExitCode);
        Assert.Contains("No space left on device", output, StringComparison.Ordinal);
        Assert.InRange(Driver.Usage(Instance)!.DiskBytes, 30L << 20, 32L << 20);
    }

    [Fact]
    public async Task FilesAreCountedToo()
    {
        var (output, status) = await RunAsync("mkdir d; perl -e 'for (1..100_000) { open F, \">\", \"d/$_\" or die \"$!\" }' 2>&1");

        Assert.NotEqual(0, status.ExitCode);
        Assert.Contains("No space left on device", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatACommandLeavesRunningEndsWithIt()
    {
        var user = User();
        var (output, status) = await RunAsync("(trap '' HUP TERM; setsid sleep 600) & sleep 600 & echo done");

        Assert.Equal(("done\n", CommandEnd.Exited), (output, status.End));
        Assert.Empty(ProcessesOf(user));
    }

    [Fact]
    public async Task ADestroyedInstanceLeavesNothing()
    {
        await StartUntilAsync(Shell("echo ready; sleep 600 & sleep 600"), "ready");
        await StartUntilAsync(Shell("echo ready; cat") with { Input = true }, "ready");
        Assert.NotEmpty(Host.Remains());
        var user = User();

        await Driver.DestroyAsync(Instance, CancellationToken.None);

        Assert.Empty(Host.Remains());
        Assert.Empty(ProcessesOf(user));
    }

    [Fact]
    public async Task AnInstanceWhoseRemovalWasInterruptedIsRemovedByTheNextHost()
    {
        await StartUntilAsync(Shell("echo ready; sleep 600"), "ready");
        var path = Path.Combine(Host.Directories.Instance(Instance), "driver.json");
        await File.WriteAllTextAsync(path, (await File.ReadAllTextAsync(path)).Replace("\"leaving\":false", "\"leaving\":true", StringComparison.Ordinal));

        await RestartAsync();

        Assert.Empty(Host.Remains());
    }

    [Fact]
    public async Task ACommandThatWasWrittenDownButNeverBegunCanBeStarted()
    {
        var command = Shell("echo begun");
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);
        var directory = Path.Combine(Host.Directories.Instance(Instance), "commands", command.Id.ToString());
        foreach (var file in Directory.EnumerateFiles(directory).Where(file => Path.GetFileName(file) != "command.json"))
        {
            File.Delete(file);
        }

        await RestartAsync();
        await Driver.StartAsync(Instance, command, CancellationToken.None);

        var ended = await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);
        Assert.Equal((CommandEnd.Exited, 0), (ended.End, ended.ExitCode));
    }

    [Fact]
    public async Task AHostThatStartsDoesNotChangeTheFilterThatASandboxIsReading()
    {
        var path = Path.Combine(Host.Directories.Sandbox, "seccomp.bpf");
        var filter = await File.ReadAllBytesAsync(path);
        var earlier = new byte[filter.Length];
        await File.WriteAllBytesAsync(path, earlier);
        await using var reading = File.OpenRead(path);

        await RestartAsync();

        var read = new byte[filter.Length];
        await reading.ReadExactlyAsync(read);
        Assert.Equal(earlier, read);
        Assert.Equal(filter, await File.ReadAllBytesAsync(path));
    }

    [Fact]
    public async Task TwoLaunchersForOneCommandRunItOnce()
    {
        var command = Shell("echo run >> /tmp/runs; cat /tmp/runs");
        var directory = Path.Combine(Host.Directories.Instance(Instance), "commands", command.Id.ToString());
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, "began"), "");

        await Driver.StartAsync(Instance, command, CancellationToken.None);
        var ended = await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);

        Assert.Equal(CommandEnd.NotStarted, ended.End);
    }

    [Fact]
    public async Task ACheckoutIsSharedAndStaysAsItIs()
    {
        var tree = Path.Combine(Host.Directories.Checkouts, "tree");
        Directory.CreateDirectory(Path.Combine(tree, "source"));
        await File.WriteAllTextAsync(Path.Combine(tree, "source", "file"), "original\n");
        foreach (var path in new[] { tree, Path.Combine(tree, "source"), Path.Combine(tree, "source", "file") })
        {
            Assert.Equal(0, global::Services.Wsl2Host.Drivers.Linux.Native.Libc.ChangeOwner(path, (uint)Host.Options.UserIdFirst, (uint)Host.Options.UserIdFirst));
        }

        await Driver.AttachAsync(Instance, new CheckoutMount(tree, null), CancellationToken.None);
        var (output, _) = await RunAsync("cat source/file; stat -c %U source source/file; chmod 755 source/file; echo changed > source/file; rm -r source; mkdir source; ls -A . source");

        Assert.Equal("original\nagent\nagent\n.:\nsource\n\nsource:\n", output);
        Assert.Equal("original\n", await File.ReadAllTextAsync(Path.Combine(tree, "source", "file")));
        await RestartAsync();
        Assert.Equal("source\n", (await RunAsync("ls")).Output);
    }

    [Fact]
    public async Task WhatBelongsToNobodyIsReportedThenRemoved()
    {
        var stray = InstanceId.New(TimeProvider.System);
        var strayUser = Path.Combine("/run/agentplatform/users", $"{Host.Options.UserIdFirst + Host.Options.UserIdCount - 1}");
        foreach (var group in Host.Cgroups())
        {
            Directory.CreateDirectory(Path.Combine(group, stray.ToString()));
        }

        Directory.CreateDirectory(Host.Directories.Instance(stray));
        Directory.CreateDirectory(Host.Directories.Spool(stray));
        await File.WriteAllTextAsync(strayUser, Host.Directories.Runtime);

        Assert.Empty(await Driver.ReapAsync(TimeSpan.FromHours(1), dryRun: true, CancellationToken.None));
        string[] expected = [$"cgroup {stray}", $"instance directory {stray}", $"spool {stray}", $"user id {Path.GetFileName(strayUser)}"];
        Assert.Equal(expected, await Driver.ReapAsync(TimeSpan.Zero, dryRun: true, CancellationToken.None));
        Assert.Equal(expected, await Driver.ReapAsync(TimeSpan.Zero, dryRun: false, CancellationToken.None));

        Assert.Empty(await Driver.ReapAsync(TimeSpan.Zero, dryRun: true, CancellationToken.None));
        Assert.Equal(0, (await RunAsync("true")).Status.ExitCode);
    }

    [Fact]
    public async Task ThisMachineIsFitAndSaysWhatItHas()
    {
        var fingerprint = await Driver.FingerprintAsync(CancellationToken.None);

        Assert.Empty(fingerprint.Shortcomings);
        Assert.True(fingerprint.Ready);
        Assert.Contains(fingerprint.Attributes["cgroup"], new[] { "v2", "hybrid" });
    }

    [Fact]
    public async Task ProcessorTimeIsLimited()
    {
        var half = InstanceId.New(TimeProvider.System);
        await Driver.CreateAsync(Spec with { Id = half, CpuMillis = 200 }, CancellationToken.None);
        var command = Shell("timeout 1 sh -c 'while :; do :; done'; timeout 1 sh -c 'while :; do :; done'");

        await Driver.StartAsync(half, command, CancellationToken.None);
        await Driver.WaitAsync(half, command.Id, CancellationToken.None).WaitAsync(Patience);

        Assert.InRange(Driver.Usage(half)!.CpuSeconds, 0.01, 0.7);
    }

    private static async Task Until(Func<bool> condition)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(5, deadline.Token);
        }
    }
}
