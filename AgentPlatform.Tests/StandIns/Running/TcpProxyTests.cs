using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Aspire.Hosting;
using Aspire.Hosting.Running.Network;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentPlatform.Tests.StandIns.Running;

public sealed class TcpProxyTests : IAsyncLifetime
{
    private readonly TcpProxy _proxy = TcpProxy.Listen(0, NullLogger.Instance);
    private readonly CancellationTokenSource _deadline = new(TestApp.Patience);

    private CancellationToken Deadline => _deadline.Token;

    [Fact]
    public async Task ConnectionsGoRoundTheTargets()
    {
        using var first = Listen();
        using var second = Listen();
        _proxy.SetTargets([Port(first), Port(second)]);
        var (atFirst, atSecond) = (first.AcceptSocketAsync(Deadline).AsTask(), second.AcceptSocketAsync(Deadline).AsTask());

        using var one = await ConnectAsync();
        using var two = await ConnectAsync();

        using var acceptedByFirst = await atFirst;
        using var acceptedBySecond = await atSecond;
    }

    [Fact]
    public async Task ATargetThatDoesNotListenIsPassedOver()
    {
        using var alive = Listen();
        var dead = PortAllocator.Take();
        _proxy.SetTargets([dead, Port(alive), dead]);

        for (var i = 0; i < 4; i++)
        {
            using var client = await ConnectAsync();
            using var accepted = await alive.AcceptSocketAsync(Deadline);
        }

        PortAllocator.Return(dead);
    }

    [Fact]
    public async Task WithoutATargetTheConnectionIsClosed()
    {
        using var client = await ConnectAsync();

        Assert.Equal(0, await client.ReceiveAsync(new byte[1], Deadline));
    }

    [Fact]
    public async Task MegabytesPassUnchangedThroughASlowReader()
    {
        using var server = Listen();
        _proxy.SetTargets([Port(server)]);
        using var client = await ConnectAsync();
        using var accepted = await server.AcceptSocketAsync(Deadline);
        // More than all the socket buffers on the way can hold.
        var sent = RandomNumberGenerator.GetBytes(64 * 1024 * 1024);

        var sending = SendAndEndAsync(client, sent);
        Assert.False(sending.IsCompleted, "nothing was read, so the writer must be held back");
        var received = await ReadToEndAsync(accepted);
        await sending;

        Assert.Equal(SHA256.HashData(sent), SHA256.HashData(received));
    }

    [Fact]
    public async Task OneDirectionMayEndBeforeTheOther()
    {
        using var server = Listen();
        _proxy.SetTargets([Port(server)]);
        using var client = await ConnectAsync();
        using var accepted = await server.AcceptSocketAsync(Deadline);

        await SendAndEndAsync(client, "question"u8.ToArray());
        Assert.Equal("question"u8.ToArray(), await ReadToEndAsync(accepted));
        await SendAndEndAsync(accepted, "answer"u8.ToArray());

        Assert.Equal("answer"u8.ToArray(), await ReadToEndAsync(client));
    }

    [Fact]
    public async Task ABrokenConnectionBreaksTheOtherSideToo()
    {
        using var server = Listen();
        _proxy.SetTargets([Port(server)]);
        using var client = await ConnectAsync();
        var accepted = await server.AcceptSocketAsync(Deadline);
        await accepted.SendAsync("x"u8.ToArray(), Deadline);
        Assert.Equal(1, await client.ReceiveAsync(new byte[1], Deadline));

        accepted.LingerState = new LingerOption(true, 0);
        accepted.Dispose();

        var error = await Assert.ThrowsAsync<SocketException>(async () => await client.ReceiveAsync(new byte[1], Deadline));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);
    }

    [Fact]
    public async Task TheProxyListensOnBothLoopbackAddresses()
    {
        using var server = Listen();
        _proxy.SetTargets([Port(server)]);
        if (!PortAllocator.HasIPv6Loopback)
        {
            return;
        }

        using var client = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp);
        await client.ConnectAsync(new IPEndPoint(IPAddress.IPv6Loopback, _proxy.Port), Deadline);
        using var accepted = await server.AcceptSocketAsync(Deadline);
    }

    [Fact]
    public void ATakenPortNamesItsOwner()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => TcpProxy.Listen(_proxy.Port, NullLogger.Instance));

        Assert.Contains($"Port {_proxy.Port} is already in use by process {Environment.ProcessId} (", error.Message, StringComparison.Ordinal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        _deadline.Dispose();
    }

    private static TcpListener Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static int Port(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, _proxy.Port), Deadline);
        return socket;
    }

    private async Task SendAndEndAsync(Socket socket, byte[] bytes)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), Deadline);
        }

        socket.Shutdown(SocketShutdown.Send);
    }

    private async Task<byte[]> ReadToEndAsync(Socket socket)
    {
        using var all = new MemoryStream();
        var buffer = new byte[64 * 1024];
        int read;
        while ((read = await socket.ReceiveAsync(buffer, Deadline)) > 0)
        {
            all.Write(buffer, 0, read);
        }

        return all.ToArray();
    }
}
