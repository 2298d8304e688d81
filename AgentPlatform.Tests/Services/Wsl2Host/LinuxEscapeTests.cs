using System.Net.Sockets;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;
using Services.Wsl2Host.Workspaces;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>Ways out of an instance that others have found in sandboxes, each tried.</summary>
public sealed class LinuxEscapeTests : LinuxTestBase
{
    [Fact]
    public async Task ASetuidProgramOfRootInACheckoutGivesNothing()
    {
        await AttachAsync("cp /bin/dash sh; chown 0:0 sh; chmod 4755 sh; echo root > of-root; chmod 600 of-root");

        var (output, _) = await RunAsync("./sh -p -c 'id -u; id -ru'; cat of-root; echo mine > of-root; cp sh /tmp/sh; chmod 4755 /tmp/sh; /tmp/sh -p -c 'id -u'");

        Assert.Equal(["1000", "1000", "1000"], output.Split('\n').Where(line => int.TryParse(line, out _)));
        Assert.DoesNotContain("root\n", output, StringComparison.Ordinal);
        Assert.Contains("of-root", output, StringComparison.Ordinal);
        Assert.Equal("root\n", await File.ReadAllTextAsync(Path.Combine(Tree, "of-root")));
    }

    [Fact]
    public async Task TheSandboxsOwnFirstProcessLendsNothing()
    {
        // What bubblewrap reads its orders from and reports to must not be within reach: a command could forge its own exit code.
        var (descriptors, _) = await RunAsync("for f in /proc/1/fd/*; do readlink $f; done");
        var (environment, _) = await RunAsync("tr '\\0' '\\n' < /proc/1/environ");

        Assert.All(
            descriptors.Split('\n', StringSplitOptions.RemoveEmptyEntries),
            link => Assert.Matches(@"^(/dev/null|pipe:\[\d+\]|anon_inode:\[eventfd\])$", link));
        Assert.Equal("LC_ALL=C\nPATH=/usr/bin:/bin\n", Sorted(environment));
    }

    [Theory]
    [InlineData("process_vm_readv", 310)]
    [InlineData("process_vm_writev", 311)]
    [InlineData("add_key", 248)]
    [InlineData("request_key", 249)]
    [InlineData("open_by_handle_at", 304)]
    [InlineData("userfaultfd", 323)]
    [InlineData("fanotify_init", 300)]
    [InlineData("pidfd_getfd", 438)]
    [InlineData("chroot", 161)]
    [InlineData("move_mount", 429)]
    [InlineData("personality", 135)]
    public async Task FurtherCallsAreRefused(string name, int number)
    {
        var (output, _) = await RunAsync("perl -e 'print syscall($ARGV[0] + 0, 0, 0, 0, 0, 0) < 0 ? $! + 0 : \"done\"' $1", $"{number}");

        Assert.True(output == "1", $"{name}: {output}");
    }

    [Fact]
    public async Task ATerminalsInputIsNoMoreReachableByALongerNumber()
    {
        // The kernel looks at the lower half only, and so must the filter.
        var (output, _) = await RunAsync("perl -e 'my $key = \"x\"; print syscall(16, 0, 0x100005412, $key) < 0 ? $! + 0 : \"typed\"'");

        Assert.Equal("1", output);
    }

    [Fact]
    public async Task NoDeviceCanBeMadeAndOnlyHarmlessOnesAreThere()
    {
        var (output, _) = await RunAsync(
            "for at in /workspace /tmp ~ /dev /; do mknod $at/disk b 8 0 2>/dev/null && echo made; mknod $at/memory c 1 1 2>/dev/null && echo made; done; ls /dev; find /dev -type b");

        Assert.Equal(
            ["console", "core", "fd", "full", "null", "ptmx", "pts", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Append("console").Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ControlGroupsAndTheMachinesDevicesAreOutOfSight()
    {
        var (groups, _) = await RunAsync("cut -d: -f3 /proc/self/cgroup | sort -u");
        var (output, _) = await RunAsync("ls /sys; grep -c cgroup /proc/self/mountinfo; head -c 10 /proc/kcore; ls /proc/1/root/root");

        Assert.Equal("/\n", groups);
        Assert.Contains("cannot access '/sys'", output, StringComparison.Ordinal);
        Assert.Contains("\n0\n", output, StringComparison.Ordinal);
        Assert.DoesNotContain("ELF", output, StringComparison.Ordinal);
        Assert.Contains("cannot access '/proc/1/root/root'", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAbstractSocketReachesOnlyItsOwnInstance()
    {
        const string Connect = "perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0) or die; print connect(S, pack(\"S\", AF_UNIX) . \"\\0\" . $ARGV[0]) ? \"reached\" : $! + 0' $1";
        var name = $"agentplatform-test-{Guid.NewGuid():N}";
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint($"\0{name}"));
        listener.Listen(1);
        await StartUntilAsync(
            Shell("perl -MSocket -e 'socket(S, PF_UNIX, SOCK_STREAM, 0); bind(S, pack(\"S\", AF_UNIX) . \"\\0inside\"); listen(S, 4); $| = 1; print \"listening\\n\"; sleep 60'"), "listening");

        var (toHost, _) = await RunAsync(Connect, name);
        var (within, _) = await RunAsync(Connect, "inside");
        var other = InstanceId.New(TimeProvider.System);
        await Driver.CreateAsync(Spec with { Id = other }, CancellationToken.None);
        var between = await OutputOfAsync(other, Shell(Connect, "inside"));

        Assert.Equal(("111", "reached", "111"), (toHost, within, between));
    }

    [Fact]
    public async Task FilesOutsideTheDiskCountAsMemory()
    {
        // The root of a sandbox and its shared memory have no size of their own.
        var (output, status) = await RunAsync("head -c 400000000 /dev/zero > /dev/shm/large; echo $?; head -c 400000000 /dev/zero > /large; echo $?");

        Assert.DoesNotContain("0", output.Split('\n'));
        Assert.True(status.End == CommandEnd.OutOfMemory || output.Contains("137", StringComparison.Ordinal), $"{status.End} {output}");
        Assert.True(Driver.Usage(Instance)!.OutOfMemoryKills > 0);
    }

    [Fact]
    public async Task ALinkThatIsSwappedWhileTheHostReadsLeadsNowhere()
    {
        await RunAsync("mkdir -p real; echo inside > real/passwd; ln -s /etc link");
        var swapping = await StartUntilAsync(
            Shell("cd /workspace; cp -r real dir; echo ready; while :; do mv dir aside; mv link dir; mv dir link; mv aside dir; done"), "ready");
        var seen = new HashSet<string>();
        for (var tries = 0; tries < 2000; tries++)
        {
            try
            {
                seen.Add(Encoding.UTF8.GetString(WorkspaceFiles.Read(Driver.Workspace(Instance), "dir/passwd")));
            }
            catch (HostRefusal)
            {
                // Just then it was the link, or nothing.
            }
        }

        await Driver.SignalAsync(Instance, swapping, CommandSignal.Kill, CancellationToken.None);
        Assert.Subset(new HashSet<string> { "inside\n" }, seen);
    }

    [Fact]
    public async Task ItCannotSignalOrSeeWhatRunsElsewhere()
    {
        var other = InstanceId.New(TimeProvider.System);
        await Driver.CreateAsync(Spec with { Id = other }, CancellationToken.None);
        var victim = Shell("echo ready; exec sleep 30");
        await Driver.StartAsync(other, victim, CancellationToken.None);

        // Everything that it can signal is itself.
        await RunAsync("kill -9 -1; perl -e 'kill 9, $_ for 3..60000'");

        Assert.Null(Driver.Inspect(other, victim.Id).End);
    }

    private static string Sorted(string lines) => string.Concat(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(line => $"{line}\n"));

    private string Tree => Path.Combine(Host.Directories.Checkouts, "tree");

    /// <summary>Lays a tree under the workspace that a script of root's made.</summary>
    private async Task AttachAsync(string script)
    {
        HostDirectories.Make(Tree, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        using var shell = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/sh", ["-euc", script]) { WorkingDirectory = Tree })!;
        await shell.WaitForExitAsync();
        Assert.Equal(0, shell.ExitCode);
        await Driver.AttachAsync(Instance, new CheckoutMount(Tree, null), CancellationToken.None);
    }

    private async Task<string> OutputOfAsync(InstanceId instance, CommandSpec command)
    {
        await Driver.StartAsync(instance, command, CancellationToken.None);
        await Driver.WaitAsync(instance, command.Id, CancellationToken.None).WaitAsync(Patience);
        return Encoding.UTF8.GetString((await Driver.ReadAsync(instance, command.Id, OutputStream.StandardOutput, 0, 1000, CancellationToken.None)).Bytes.Span);
    }
}
