using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace AgentPlatform.Tests.Hosts;

/// <summary>
/// A server of the machine's own, run for tests in a directory of its own. It and its directory are gone when it is disposed,
/// and also when the test process dies in whatever way: a shell between the two ends it as soon as nobody holds its input any more.
/// </summary>
internal sealed class ServerProcess : IAsyncDisposable
{
    private const string KeepFile = "keep";

    // Reads: run the server; end it when the input ends; remove its directory unless a restart is meant to find it. It is told to end until it
    // does: while it is still being set up, it is a shell, which does not listen.
    private const string Lifeline = """
        exec 3<&0
        directory=$1; shift
        "$@" 3<&- & server=$!
        echo "lifeline: $server"
        { read -r _ <&3; while kill -INT $server; do sleep 0.2; done 2>/dev/null; } & watcher=$!
        wait $server; status=$?
        kill $watcher 2>/dev/null
        [ -e "$directory/keep" ] || rm -rf -- "$directory"
        echo "lifeline: ended with $status"
        exit $status
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly ConcurrentQueue<string> _output = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _shell;
    private readonly string _directory;
    private int _serverId;

    private ServerProcess(string directory, IEnumerable<string> command)
    {
        _directory = directory;
        File.Delete(Path.Combine(directory, KeepFile));
        var start = new ProcessStartInfo("/bin/sh", ["-c", Lifeline, "sh", directory, .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory,
        };
        start.Environment["LC_ALL"] = "C";
        _shell = new Process { StartInfo = start };
        _shell.OutputDataReceived += (_, line) => OnLine(line.Data);
        _shell.ErrorDataReceived += (_, line) => OnLine(line.Data);
        _shell.Start();
        _shell.BeginOutputReadLine();
        _shell.BeginErrorReadLine();
    }

    /// <summary>Starts a server and waits until it says that it is ready to accept connections.</summary>
    public static async Task<ServerProcess> StartAsync(string directory, IEnumerable<string> command)
    {
        var server = new ServerProcess(directory, command);
        try
        {
            await server._ready.Task.WaitAsync(Patience);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>A port of the loopback address that was free a moment ago.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Ends the server in order and leaves its directory for the next one.</summary>
    public async Task StopAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, KeepFile), "");
        await EndAsync();
    }

    /// <summary>Ends the server as a crash would, and leaves its directory for the next one.</summary>
    public async Task KillAsync()
    {
        await File.WriteAllTextAsync(Path.Combine(_directory, KeepFile), "");
        using (var server = Process.GetProcessById(_serverId))
        {
            server.Kill();
        }

        await EndAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        if (Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    private async Task EndAsync()
    {
        if (_shell.HasExited)
        {
            return;
        }

        _shell.StandardInput.Close();
        using var deadline = new CancellationTokenSource(Patience);
        await _shell.WaitForExitAsync(deadline.Token);
    }

    private void OnLine(string? line)
    {
        if (line is null)
        {
            return;
        }

        _output.Enqueue(line);
        if (line.StartsWith("lifeline: ended", StringComparison.Ordinal))
        {
            _ready.TrySetException(new InvalidOperationException($"The server did not start:\n{string.Join('\n', _output)}"));
        }
        else if (line.StartsWith("lifeline: ", StringComparison.Ordinal))
        {
            _serverId = int.Parse(line.AsSpan("lifeline: ".Length), System.Globalization.CultureInfo.InvariantCulture);
        }
        else if (line.Contains("ready to accept connections", StringComparison.OrdinalIgnoreCase))
        {
            _ready.TrySetResult();
        }
    }
}
