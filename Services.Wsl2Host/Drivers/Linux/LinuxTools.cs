using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Services.Wsl2Host.Doors;
using Services.Wsl2Host.Drivers.Linux.Cgroups;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Drivers.Linux.Network;
using Services.Wsl2Host.Drivers.Linux.Sandbox;

namespace Services.Wsl2Host.Drivers.Linux;

/// <summary>Runs the host's own tools.</summary>
internal sealed class LinuxTools(
    uint user, NetworkNamespaces networks, ICgroups cgroups, KernelEvents events, SandboxFiles files, Launcher launcher, TimeProvider time) : ISandboxedTools
{
    private const string GroupPrefix = "tool-";
    private const int OutputBytesMax = 64 * 1024;
    private const long TemporaryBytes = 64L << 20;
    private const int ConnectionsMax = 8;

    private static readonly ResourceLimits Limits = new(MemoryBytes: 2L << 30, CpuMillis: 4000, ProcessesMax: 256);

    private readonly ConcurrentDictionary<string, bool> _running = [];

    public uint User => user;

    /// <summary>Whether a group belongs to a tool that runs.</summary>
    public bool IsRunning(string group) => _running.ContainsKey(group);

    public async Task<ToolResult> RunAsync(ToolSpec tool, CancellationToken cancellationToken)
    {
        var group = $"{GroupPrefix}{Guid.NewGuid():N}";
        _running[group] = true;
        var hosts = Path.Combine(Path.GetDirectoryName(files.Filter)!, $"{group}.hosts");
        using var network = await networks.TakeAsync();
        try
        {
            await using var door = await OpenPeerAsync(tool.Peer, network);
            cgroups.Create(group, Limits);
            var sandbox = new SandboxArguments(files).EndWithParent().Tmpfs("/tmp", TemporaryBytes).WorkingDirectory("/tmp");
            if (tool.Peer is { } peer && !IPAddress.TryParse(peer.Host, out _))
            {
                await File.WriteAllTextAsync(hosts, $"127.0.0.1 localhost {peer.Host}\n", cancellationToken);
                sandbox.BindReadOnly(hosts, "/etc/hosts");
            }

            foreach (var bind in tool.Binds)
            {
                _ = bind.ReadOnly ? sandbox.BindReadOnly(bind.Source, bind.Target) : sandbox.Bind(bind.Source, bind.Target);
            }

            foreach (var (name, value) in tool.Environment)
            {
                sandbox.Variable(name, value);
            }

            foreach (var (name, value) in tool.Secrets)
            {
                sandbox.Variable(name, value.Value);
            }

            return await RunAsync(tool, network, group, sandbox, cancellationToken);
        }
        finally
        {
            await RemoveAsync(group);
            File.Delete(hosts);
            _running.TryRemove(group, out _);
        }
    }

    private async Task<ToolResult> RunAsync(ToolSpec tool, SafeFileHandle network, string group, SandboxArguments sandbox, CancellationToken cancellationToken)
    {
        var (output, outputEnd) = Pipe();
        var (error, errorEnd) = Pipe();
        int process;
        using (outputEnd)
        using (errorEnd)
        {
            process = await launcher.StartToolAsync(
                network, user, group, [LinuxPrograms.Shell, "-c", tool.Script, tool.Name, .. tool.Arguments], sandbox, outputEnd, errorEnd);
        }

        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var watch = events.WatchProcess(process, () => ended.TrySetResult());
        var texts = Task.WhenAll(ReadAsync(output), ReadAsync(error));
        using var limit = new CancellationTokenSource(tool.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        var timedOut = false;
        try
        {
            await ended.Task.WaitAsync(either.Token);
        }
        catch (OperationCanceledException)
        {
            timedOut = true;
            cgroups.Kill(group, leaf: null);
            await ended.Task;
        }

        var code = Reap(process);
        cgroups.Kill(group, leaf: null);
        var both = await texts;
        cancellationToken.ThrowIfCancellationRequested();
        return new ToolResult(timedOut ? null : code, both[0], both[1]);
    }

    private async Task<Door?> OpenPeerAsync(ToolPeer? peer, SafeFileHandle network)
    {
        if (peer is null)
        {
            return null;
        }

        var door = new Door(ConnectionsMax, (client, closed) => RelayAsync(client, peer, closed));
        door.Listen(await networks.InsideAsync(network, () => LoopbackListener.Start(peer.Port)));
        return door;
    }

    private async Task RelayAsync(Socket client, ToolPeer peer, CancellationToken closed)
    {
        using var upstream = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await upstream.ConnectAsync(peer.Host, peer.Port, closed);
        await Relay.RunAsync(client, upstream, bothWays: true, time, closed);
    }

    private async Task RemoveAsync(string group)
    {
        for (var tries = 0; !cgroups.Remove(group) && tries < 200; tries++)
        {
            cgroups.Kill(group, leaf: null);
            await Task.Delay(TimeSpan.FromMilliseconds(tries), time);
        }
    }

    private static unsafe int? Reap(int process)
    {
        int status;
        if (Libc.WaitProcess(process, &status, 0) != process)
        {
            return null;
        }

        return (status & 0x7F) == 0 ? (status >> 8) & 0xFF : 128 + (status & 0x7F);
    }

    private static unsafe (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        var ends = stackalloc int[2];
        Libc.Check(Libc.Pipe(ends, Libc.OpenCloseOnExec), "making a pipe");
        return (new SafeFileHandle(ends[0], ownsHandle: true), new SafeFileHandle(ends[1], ownsHandle: true));
    }

    /// <summary>Reads to the end and keeps the beginning.</summary>
    private static async Task<string> ReadAsync(SafeFileHandle pipe)
    {
        await using var stream = new FileStream(pipe, FileAccess.Read, bufferSize: 0);
        var kept = new byte[OutputBytesMax];
        var length = 0;
        var buffer = new byte[4096];
        while (await stream.ReadAsync(buffer) is var count and > 0)
        {
            var take = Math.Min(count, kept.Length - length);
            buffer.AsSpan(0, take).CopyTo(kept.AsSpan(length));
            length += take;
        }

        return Encoding.UTF8.GetString(kept, 0, length);
    }
}
