using System.Diagnostics;
using Aspire.Hosting.Running.Processes;

namespace AgentPlatform.Tests.StandIns.Running;

/// <summary>Real app host processes, ended in every way: nothing that they started may be left.</summary>
public sealed class EndOfAppHostTests : IDisposable
{
    private readonly CancellationTokenSource _deadline = new(TestApp.Patience);
    private readonly TemporaryDirectory _volumes = new();

    [Theory]
    [InlineData(9, true)]
    [InlineData(9, false)]
    [InlineData(2, true)]
    [InlineData(15, false)]
    public async Task NothingIsLeftOfAnAppHostThatEnds(int signal, bool isTemporary)
    {
        using var sample = StartSample(isTemporary);
        var appHost = sample.Process;
        var replicas = 0;
        var output = ReadAsync(appHost, line => replicas += line.Contains("sample started", StringComparison.Ordinal) ? 1 : 0);
        await ProcessTree.UntilAsync(() => replicas == 2 || appHost.HasExited, () => "both replicas have started", _deadline.Token);
        Assert.False(appHost.HasExited);
        var started = ProcessTree.Below(appHost.Id);
        Assert.Contains(started, process => process.Command.Contains("bin/postgres -D", StringComparison.Ordinal));
        Assert.Contains(started, process => process.Command.Contains("redis-server", StringComparison.Ordinal));
        Assert.Equal(2, started.Count(process => process.Command.StartsWith("sleep 3600", StringComparison.Ordinal)));
        var data = Assert.Single(ProcessTree.DataDirectories(started));
        Assert.True(Directory.Exists(data));

        Assert.Equal(0, Posix.Kill(appHost.Id, signal));
        await appHost.WaitForExitAsync(_deadline.Token);

        await ProcessTree.UntilAsync(
            () => ProcessTree.Living(started).Count == 0,
            () => string.Join('\n', ProcessTree.Living(started)),
            _deadline.Token);
        await ProcessTree.UntilAsync(() => Directory.Exists(data) == !isTemporary, () => $"temporary data removed: {data}", _deadline.Token);
        Assert.Equal(signal == 9 ? 137 : 0, appHost.ExitCode);
        await output;
    }

    [Fact]
    public async Task AnAppHostStartsAgainOnTheDataOfOneThatWasKilled()
    {
        for (var run = 0; run < 2; run++)
        {
            using var sample = StartSample(isTemporary: false);
            var appHost = sample.Process;
            var replicas = 0;
            var output = ReadAsync(appHost, line => replicas += line.Contains("sample started", StringComparison.Ordinal) ? 1 : 0);
            await ProcessTree.UntilAsync(() => replicas == 2 || appHost.HasExited, () => "the sample has started", _deadline.Token);
            Assert.False(appHost.HasExited);
            var started = ProcessTree.Below(appHost.Id);
            Posix.Kill(appHost.Id, 9);
            await appHost.WaitForExitAsync(_deadline.Token);
            await output;

            // The second run begins at once, while the servers of the first are still on their way down.
            if (run == 1)
            {
                await ProcessTree.UntilAsync(() => ProcessTree.Living(started).Count == 0, () => "nothing is left", _deadline.Token);
            }
        }
    }

    public void Dispose()
    {
        _deadline.Dispose();
        _volumes.Dispose();
    }

    private Sample StartSample(bool isTemporary)
    {
        var program = Path.ChangeExtension(typeof(Projects.Sample_AppHost).Assembly.Location, ".dll");

        // Whoever started the tests in the background had SIGINT ignored, which every process inherits.
        var start = new ProcessStartInfo("/usr/bin/env")
        {
            RedirectStandardOutput = true,
            ArgumentList =
            {
                "--default-signal=INT",
                ProgramFinder.FindDotnet()!,
                program,
                $"--DcpPublisher:RandomizePorts={isTemporary}",
                $"--Aspire:VolumesDirectory={_volumes.Path}",
                "--Aspire:ConsoleLogs=true",
            },
        };
        return new Sample(Process.Start(start)!);
    }

    private static async Task ReadAsync(Process process, Action<string> onLine)
    {
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            onLine(line);
        }
    }

    /// <summary>Also ended when the test fails.</summary>
    private sealed class Sample(Process process) : IDisposable
    {
        public Process Process { get; } = process;

        public void Dispose()
        {
            if (!Process.HasExited)
            {
                Process.Kill();
            }

            Process.Dispose();
        }
    }
}
