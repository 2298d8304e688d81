using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running.Network;

/// <summary>
/// One public loopback address in front of several replicas: a connection goes, round robin, to the next replica that
/// accepts it, and its bytes pass unchanged.
/// </summary>
internal sealed partial class TcpProxy : IAsyncDisposable
{
    /// <summary>Connections open at once; further ones wait in the listen queue of the system.</summary>
    public const int ConnectionsMax = 4096;

    private const int Backlog = 512;

    private readonly Socket[] _listeners;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _slots = new(ConnectionsMax);
    private readonly HashSet<Task> _connections = [];
    private readonly Lock _gate = new();
    private Task _accepting = Task.CompletedTask;
    private int[] _targets = [];
    private uint _next;

    private TcpProxy(Socket[] listeners, ILogger logger)
    {
        _listeners = listeners;
        _logger = logger;
    }

    /// <summary>The public port.</summary>
    public int Port => ((IPEndPoint)_listeners[0].LocalEndPoint!).Port;

    /// <summary>Binds the port on IPv4 and IPv6 loopback; 0 takes a free one.</summary>
    /// <exception cref="DistributedApplicationException">The port is taken; the message names its owner.</exception>
    public static TcpProxy Listen(int port, ILogger logger)
    {
        var proxy = new TcpProxy(LoopbackListeners.Bind(port, Backlog), logger);
        proxy._accepting = Task.WhenAll(proxy._listeners.Select(proxy.AcceptAsync));
        return proxy;
    }

    /// <summary>Replaces the ports that connections are passed on to.</summary>
    public void SetTargets(IEnumerable<int> ports) => Volatile.Write(ref _targets, [.. ports]);

    /// <summary>Stops accepting and closes every connection.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var listener in _listeners)
        {
            listener.Dispose();
        }

        await _accepting;
        Task[] open;
        lock (_gate)
        {
            open = [.. _connections];
        }

        await Task.WhenAll(open);
        _stopping.Dispose();
        _slots.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await _slots.WaitAsync(_stopping.Token);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            try
            {
                Track(ServeAsync(await listener.AcceptAsync(_stopping.Token)));
            }
            catch (Exception ex) when (ex is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                // A connection that broke before it was accepted, or the end of the proxy, which the loop's condition sees.
                _slots.Release();
            }
        }
    }

    private void Track(Task connection)
    {
        lock (_gate)
        {
            _connections.Add(connection);
        }

        connection.ContinueWith(
            finished =>
            {
                lock (_gate)
                {
                    _connections.Remove(finished);
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private async Task ServeAsync(Socket client)
    {
        // The caller is the accept loop: go on elsewhere.
        await Task.Yield();
        try
        {
            using (client)
            {
                client.NoDelay = true;
                using var target = await ConnectAsync();
                if (target is not null)
                {
                    await TcpRelay.RunAsync(client, target, _stopping.Token);
                }
            }
        }
        catch (Exception ex) when (ex is SocketException or OperationCanceledException or ObjectDisposedException)
        {
            // One of the two went away; both sockets are closed by now.
        }
        finally
        {
            _slots.Release();
        }
    }

    private async Task<Socket?> ConnectAsync()
    {
        var targets = Volatile.Read(ref _targets);
        var start = Interlocked.Increment(ref _next);
        for (var offset = 0u; offset < targets.Length; offset++)
        {
            var port = targets[(start + offset) % (uint)targets.Length];
            if (await TryConnectAsync(port) is { } socket)
            {
                return socket;
            }
        }

        Log.NoReplicaAccepted(_logger, Port, targets.Length);
        return null;
    }

    /// <summary>Programs that listen on "localhost" may mean IPv4, IPv6 or both.</summary>
    private async Task<Socket?> TryConnectAsync(int port) =>
        await TryConnectAsync(IPAddress.Loopback, port) ?? await TryConnectAsync(IPAddress.IPv6Loopback, port);

    private async Task<Socket?> TryConnectAsync(IPAddress address, int port)
    {
        if (!SupportsFamilyOf(address))
        {
            return null;
        }

        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(new IPEndPoint(address, port), _stopping.Token);
            return socket;
        }
        catch (SocketException)
        {
            socket.Dispose();
            return null;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static bool SupportsFamilyOf(IPAddress address) =>
        address.AddressFamily == AddressFamily.InterNetwork ? Socket.OSSupportsIPv4 : Socket.OSSupportsIPv6;

    private static partial class Log
    {
        [LoggerMessage(8101, LogLevel.Debug, "None of {Targets} replicas behind port {Port} accepted a connection")]
        public static partial void NoReplicaAccepted(ILogger logger, int port, int targets);
    }
}
