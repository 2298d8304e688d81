using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>A program that a benchmark starts, watches for a line that says it is ready, and ends.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly ConcurrentDictionary<int, Process> Running = new();

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();

    // Whoever ends a benchmark halfway ends what it started.
    static Child() => AppDomain.CurrentDomain.ProcessExit += (_, _) =>
    {
        foreach (var process in Running.Values)
        {
            process.Kill(entireProcessTree: true);
        }
    };

    private Child(Process process) => _process = process;

    /// <summary>Starts a program and waits for a line of its output.</summary>
    /// <param name="command">The program and its arguments.</param>
    /// <param name="environment">What is added to its environment.</param>
    /// <param name="directory">Where it runs.</param>
    /// <param name="ready">Tells the line from others.</param>
    /// <returns>The program, and the line.</returns>
    public static async Task<(Child Child, string Line)> StartAsync(
        string[] command, Dictionary<string, string> environment, string directory, Func<string, bool> ready)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var line = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var child = new Child(new Process { StartInfo = start, EnableRaisingEvents = true });
        void OnLine(object sender, DataReceivedEventArgs data)
        {
            if (data.Data is not { } text)
            {
                return;
            }

            child._output.Enqueue(text);
            if (ready(text))
            {
                line.TrySetResult(text);
            }
        }

        child._process.OutputDataReceived += OnLine;
        child._process.ErrorDataReceived += OnLine;
        child._process.Exited += (_, _) => line.TrySetException(new InvalidOperationException($"{command[0]} ended:\n{string.Join('\n', child._output)}"));
        child._process.Start();
        Running[child._process.Id] = child._process;
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        try
        {
            return (child, await line.Task.WaitAsync(Patience));
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a program to its end.</summary>
    public static async Task RunAsync(string[] command, string directory)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = directory, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}:\n{await output}{errors}");
        }
    }

    /// <summary>A loopback port that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Its processor time so far, with that of what it started.</summary>
    public TimeSpan Cpu => CpuTime.Of(_process.Id);

    /// <summary>What it wrote so far.</summary>
    public IReadOnlyCollection<string> Output => _output;

    /// <summary>Asks it to end and gives it a moment: a host has instances to take down.</summary>
    public async Task StopAsync()
    {
        await RunAsync(["kill", $"{_process.Id}"], "/");
        using var moment = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await _process.WaitForExitAsync(moment.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    public async ValueTask DisposeAsync()
    {
        Running.TryRemove(_process.Id, out _);
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
