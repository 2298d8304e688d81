using System.Net;
using System.Net.Sockets;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>What runs in an instance gets nothing of the machine.</summary>
public sealed class LinuxIsolationTests : LinuxTestBase
{
    [Fact]
    public async Task ItSeesOnlyItsOwnProcesses()
    {
        var (output, _) = await RunAsync("ls /proc | grep -c '^[0-9]'");

        Assert.InRange(int.Parse(output), 2, 6);
    }

    [Fact]
    public async Task ItSeesNoFilesOfTheMachine()
    {
        var (output, _) = await RunAsync("ls -a / /home /etc /var /run; cat /etc/shadow /etc/passwd");

        Assert.Equal(
            ["bin", "dev", "etc", "home", "lib", "lib64", "proc", "run", "sbin", "tmp", "usr", "var", "workspace"],
            output.Split("\n\n")[0].Split('\n').Where(name => name is not ("/:" or "." or ".." or "lib32" or "libx32")));
        Assert.DoesNotContain(Environment.UserName == "root" ? "/root:" : "root", output, StringComparison.Ordinal);
        Assert.Contains("cat: /etc/shadow: No such file", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ItIsNeverRootAndHasNoPrivileges()
    {
        var (output, _) = await RunAsync("id -u; grep -E '^(CapEff|CapBnd|NoNewPrivs|Seccomp):' /proc/self/status");
        Assert.Equal("1000\nCapBnd:\t0000000000000000\nCapEff:\t0000000000000000\nNoNewPrivs:\t1\nSeccomp:\t2\n", Sorted(output));

        await StartUntilAsync(Shell("echo ready; sleep 60"), "ready");
        Assert.NotEmpty(ProcessesOf(User()));
        Assert.InRange(User(), 20_001u, 29_999u);
    }

    [Fact]
    public async Task ItHasNoNetwork()
    {
        using var listener = new TcpListener(IPAddress.Any, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var (output, _) = await RunAsync(
            "cat /proc/net/dev | tail -n +3 | cut -d: -f1; perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0) or die; for (@ARGV) { print connect(S, sockaddr_in($_, inet_aton(\"127.0.0.1\"))) ? \"open\" : \"$!\", \"\\n\" }' $1",
            $"{port}");

        Assert.Equal("    lo\nConnection refused\n", output);
        Assert.False(listener.Pending());
    }

    [Fact]
    public async Task CommandsOfOneInstanceShareALoopback()
    {
        await StartUntilAsync(
            Shell("perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); bind(S, sockaddr_in(8080, INADDR_LOOPBACK)); listen(S, 1); $| = 1; print \"listening\\n\"; accept(C, S); print C \"hello\\n\"'"),
            "listening");

        var (output, _) = await RunAsync("perl -MSocket -e 'socket(S, PF_INET, SOCK_STREAM, 0); connect(S, sockaddr_in(8080, INADDR_LOOPBACK)); print <S>'");

        Assert.Equal("hello\n", output);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(10, true)]
    [InlineData(16, false)] // netlink
    [InlineData(17, false)] // packet
    [InlineData(38, false)] // the kernel's cryptography
    [InlineData(40, false)] // vsock: the hypervisor, from any network namespace
    public async Task OnlyOrdinarySocketsCanBeMade(int family, bool allowed)
    {
        var (output, _) = await RunAsync("perl -MSocket -e 'print socket(S, $ARGV[0], SOCK_STREAM, 0) ? \"made\" : $! + 0' $1", $"{family}");

        Assert.Equal(allowed ? "made" : "97", output);
    }

    [Theory]
    [InlineData("unshare", 272, 1, "0x10000000")]
    [InlineData("setns", 308, 1, "0")]
    [InlineData("mount", 165, 1, "0")]
    [InlineData("ptrace", 101, 1, "0")]
    [InlineData("bpf", 321, 1, "0")]
    [InlineData("keyctl", 250, 1, "0")]
    [InlineData("perf_event_open", 298, 1, "0")]
    [InlineData("clone with a new user namespace", 56, 1, "0x10000000")]
    [InlineData("clone3", 435, 38, "0")]
    [InlineData("io_uring_setup", 425, 38, "1")]
    [InlineData("x32 getpid", 0x40000027, 1, "0")]
    public async Task DangerousCallsAreRefused(string name, int number, int error, string argument)
    {
        var (output, status) = await RunAsync("perl -e 'print syscall($ARGV[0] + 0, oct($ARGV[1]), 0, 0, 0, 0) < 0 ? $! + 0 : \"done\"' $1 $2", $"{number}", argument);

        Assert.True(output == $"{error}", $"{name}: {output} {status.ExitCode}");
    }

    [Fact]
    public async Task NothingCanBeTypedIntoATerminal()
    {
        var (output, _) = await RunAsync("perl -e 'my $key = \"x\"; print ioctl(STDIN, 0x5412, $key) ? \"typed\" : $! + 0'");

        Assert.Equal("1", output);
    }

    [Theory]
    [InlineData("/proc/sys/kernel/core_pattern")]
    [InlineData("/proc/sys/vm/drop_caches")]
    [InlineData("/proc/sysrq-trigger")]
    [InlineData("/usr/bin/env")]
    [InlineData("/etc/hosts")]
    [InlineData("/run/agentplatform/model.sock")]
    public async Task WhatBelongsToTheMachineCannotBeWritten(string path)
    {
        var (output, status) = await RunAsync("echo 1 > $1", path);

        Assert.NotEqual(0, status.ExitCode);
        Assert.Matches("Permission denied|Read-only file system|cannot create", output);
    }

    [Fact]
    public async Task NoFileOfTheHostIsOpenInIt()
    {
        var (output, _) = await RunAsync("ls /proc/self/fd");

        // The fourth is the listing itself.
        Assert.Equal("0\n1\n2\n3\n", output);
    }

    [Fact]
    public async Task ItsFilesAreItsOwnAndAreKeptBetweenCommands()
    {
        await RunAsync("echo work > /workspace/a; echo home > ~/b; echo temporary > /tmp/c; chmod 700 /workspace/a");

        var (output, _) = await RunAsync("cat /workspace/a ~/b /tmp/c; stat -c %U:%G:%a /workspace/a; ls /var/tmp");

        Assert.Equal("work\nhome\ntemporary\nagent:agent:700\nc\n", output);
    }

    [Fact]
    public async Task AnotherInstanceSeesNothingOfIt()
    {
        await RunAsync("echo secret > /tmp/secret; chmod 777 /tmp/secret");
        var other = InstanceId.New(TimeProvider.System);
        await Driver.CreateAsync(Spec with { Id = other }, CancellationToken.None);
        var command = Shell("find / -name secret 2>/dev/null; ls /proc | grep -c '^[0-9]'");

        await Driver.StartAsync(other, command, CancellationToken.None);
        await Driver.WaitAsync(other, command.Id, CancellationToken.None).WaitAsync(Patience);

        var page = await Driver.ReadAsync(other, command.Id, OutputStream.StandardOutput, 0, 1000, CancellationToken.None);
        Assert.Matches("^[2-9]\n$", System.Text.Encoding.UTF8.GetString(page.Bytes.Span));
    }

    [Fact]
    public async Task ASecretIsInTheCommandsEnvironmentAndNowhereElse()
    {
        const string Canary = "canary-7d1f0c2b";
        var command = Shell("printf %s \"$TOKEN\" | wc -c; sleep 60") with { Secrets = new Dictionary<string, SecretText> { ["TOKEN"] = new(Canary) } };
        await StartUntilAsync(command, $"{Canary.Length}");

        var files = new[] { Host.Directories.State, Host.Directories.Runtime }
            .SelectMany(root => Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.Device | FileAttributes.ReparsePoint }))
            .Where(file => !Path.GetFileName(file).StartsWith("stdin", StringComparison.Ordinal) && Holds(file, Canary));
        Assert.Empty(files);
        Assert.DoesNotContain(
            Directory.EnumerateDirectories("/proc").Where(path => int.TryParse(Path.GetFileName(path), out _)),
            process => Holds(Path.Combine(process, "cmdline"), Canary));
        Assert.Contains("TOKEN", File.ReadAllText(Path.Combine(Host.Directories.Instance(Instance), "commands", command.Id.ToString(), "command.json")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ArgumentsArriveAsTheyAreWhateverTheyHold()
    {
        string[] odd = ["a b", "$(touch /tmp/x)", "`id`", "'\"", "--", "-c", "", "*", "ünï", "a\nb", "\\", "!x", "--args", "8"];

        var (output, _) = await RunAsync("for a do printf '<%s>' \"$a\"; done; ls /tmp", odd);

        Assert.Equal(string.Concat(odd.Select(argument => $"<{argument}>")), output);
    }

    private static string Sorted(string lines) => string.Concat(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal).Select(line => $"{line}\n"));

    private static bool Holds(string file, string text)
    {
        try
        {
            return File.ReadAllText(file).Contains(text, StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return false;
        }
    }
}
