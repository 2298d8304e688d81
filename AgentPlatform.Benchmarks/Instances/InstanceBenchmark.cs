using System.Diagnostics;
using System.Globalization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace AgentPlatform.Benchmarks.Instances;

/// <summary>
/// How long an instance takes to be ready and to be gone, and a command to begin and to be reported as ended: the host's own code with the real Linux
/// driver, beside the bare programs that isolate a process on this machine, in turns.
/// </summary>
internal static class InstanceBenchmark
{
    private const int WarmUp = 40;

    /// <summary>Prints the time of its own start, which is after the command was executed and its program was loaded.</summary>
    private static readonly string[] Clock = ["/bin/date", "+%s%N"];

    private static readonly (string Name, string[] Command)[] Peers =
    [
        ("bwrap", ["/usr/bin/bwrap", "--unshare-all", "--ro-bind", "/usr", "/usr", "--symlink", "usr/bin", "/bin", "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true"]),
        ("unshare", ["/usr/bin/unshare", "--fork", "--pid", "--mount", "--net", "--ipc", "--uts", "--cgroup", "--mount-proc", "--", "/bin/true"]),
    ];

    public static async Task<int> RunAsync(string[] options)
    {
        var count = Array.IndexOf(options, "--count") is >= 0 and var given ? int.Parse(options[given + 1], CultureInfo.InvariantCulture) : 300;
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
        {
            await Console.Error.WriteLineAsync("This benchmark makes real instances: it needs Linux, and root.");
            return 1;
        }

        var report = new InstanceReport(count);
        await using (var host = await BenchmarkHost.StartAsync())
        {
            for (var round = -WarmUp; round < count; round++)
            {
                var times = await MeasureAsync(host);
                var peers = Peers.Select(peer => (peer.Name, Run(peer.Command))).ToList();
                if (round >= 0)
                {
                    report.Add(times, peers);
                }
            }

            host.MustBeEmpty();
        }

        var text = report.Write();
        Console.WriteLine(text);
        if (Array.IndexOf(options, "--out") is >= 0 and var at)
        {
            await File.WriteAllTextAsync(options[at + 1], text);
        }

        return 0;
    }

    private static async Task<InstanceTimes> MeasureAsync(BenchmarkHost host)
    {
        var request = BenchmarkHost.NewInstance();
        var begun = Stopwatch.GetTimestamp();
        await host.Instances.CreateAsync(request, CancellationToken.None);
        await host.Driver.AttachAsync(request.Id, host.Checkout, CancellationToken.None);
        var ready = Stopwatch.GetElapsedTime(begun);

        var command = new StartCommandRequest(CommandId.New(TimeProvider.System), 1, "clock", Clock, MergeOutput: true);
        var accepted = TimeProvider.System.GetUtcNow();
        await host.Commands.StartAsync(request.Id, command, CancellationToken.None);
        var ended = await host.Driver.WaitAsync(request.Id, command.Id, CancellationToken.None);
        var reported = TimeProvider.System.GetUtcNow();
        if (ended is not { End: CommandEnd.Exited, ExitCode: 0 })
        {
            throw new InvalidOperationException($"The command ended with {ended.End} {ended.ExitCode}.");
        }

        var said = await host.ReadAsync(request.Id, command.Id);
        var executed = DateTimeOffset.UnixEpoch.AddTicks(long.Parse(said, CultureInfo.InvariantCulture) / TimeSpan.NanosecondsPerTick);

        // Something runs, and something was written, when it is destroyed.
        var running = new StartCommandRequest(CommandId.New(TimeProvider.System), 1, "busy", ["/bin/sh", "-c", "echo change > a.txt; sleep 600 & echo ready; wait"], MergeOutput: true);
        await host.Commands.StartAsync(request.Id, running, CancellationToken.None);
        while ((await host.ReadAsync(request.Id, running.Id)).Length == 0)
        {
            await host.Driver.WaitForOutputAsync(request.Id, running.Id, OutputStream.StandardOutput, 0, CancellationToken.None);
        }

        begun = Stopwatch.GetTimestamp();
        await host.Instances.DestroyAsync(request.Id, 1, "benchmark", CancellationToken.None);
        return new InstanceTimes(ready, executed - accepted, reported - executed, Stopwatch.GetElapsedTime(begun));
    }

    private static TimeSpan Run(string[] command)
    {
        var begun = Stopwatch.GetTimestamp();
        BenchmarkHost.RunToEnd(command);
        return Stopwatch.GetElapsedTime(begun);
    }
}

/// <summary>One instance.</summary>
/// <param name="Ready">From the accepted request until a command could start.</param>
/// <param name="Started">From the accepted command until its program runs.</param>
/// <param name="Reported">From then, through its end, until the end is reported.</param>
/// <param name="Destroyed">From the accepted request until nothing is left.</param>
internal sealed record InstanceTimes(TimeSpan Ready, TimeSpan Started, TimeSpan Reported, TimeSpan Destroyed);
