using System.Net;
using System.Net.Sockets;
using System.Text;
using AgentPlatform.Contracts;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Doors.Registries;

/// <summary>
/// The registry door: an HTTP proxy that reaches allowed registries only. Over plain HTTP it only reads. Through a tunnel it cannot see what is asked,
/// and needs not: to write to a registry takes a credential, and there is none in an instance.
/// </summary>
internal sealed partial class RegistryProxy(IOptions<Wsl2HostOptions> options, IAddressResolver resolver, TimeProvider time, ILogger<RegistryProxy> logger)
{
    private static readonly TimeSpan HeadTimeout = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Serves one connection.</summary>
    public async Task ServeAsync(InstanceId instance, RegistryRules rules, Socket client, CancellationToken cancellationToken)
    {
        var buffer = new byte[ProxyRequest.HeadBytesMax];
        var (headBytes, received) = await ReadHeadAsync(client, buffer, cancellationToken);
        if (headBytes == 0)
        {
            return;
        }

        var request = ProxyRequest.Read(buffer.AsSpan(0, headBytes), out var refusal);
        if (request is null)
        {
            await RefuseAsync(client, "400 Bad Request", refusal, cancellationToken);
            return;
        }

        if (!rules.Allows(request.Host))
        {
            LogRefused(instance, request.Host);
            await RefuseAsync(client, "403 Forbidden", $"{request.Host} is not among the registries that this run may reach", cancellationToken);
            return;
        }

        using var upstream = await ConnectAsync(request.Host, request.Port, cancellationToken);
        if (upstream is null)
        {
            await RefuseAsync(client, "502 Bad Gateway", $"{request.Host} cannot be reached", cancellationToken);
            return;
        }

        if (request.Tunnel)
        {
            await client.SendAsync("HTTP/1.1 200 Connection established\r\n\r\n"u8.ToArray(), cancellationToken);
            await SendAllAsync(upstream, buffer.AsMemory(headBytes, received - headBytes), cancellationToken);
        }
        else
        {
            await SendAllAsync(upstream, request.Forwarded, cancellationToken);
        }

        await Relay.RunAsync(client, upstream, bothWays: request.Tunnel, time, cancellationToken);
    }

    private async Task<Socket?> ConnectAsync(string host, int port, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(ConnectTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // Resolved once and connected to what was checked, so that a second answer cannot lead elsewhere.
            var anyAddress = options.Value.PrivateRegistries.Contains(host, StringComparer.OrdinalIgnoreCase);
            foreach (var address in await resolver.ResolveAsync(host, either.Token))
            {
                if (!anyAddress && !PublicAddresses.IsPublic(address))
                {
                    LogNotPublic(host);
                    continue;
                }

                var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
                try
                {
                    await socket.ConnectAsync(new IPEndPoint(address, port), either.Token);
                    return socket;
                }
                catch (SocketException)
                {
                    socket.Dispose();
                }
            }
        }
        catch (Exception failure) when (failure is SocketException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // No such name, or no answer in time.
        }

        return null;
    }

    private async Task<(int HeadBytes, int Received)> ReadHeadAsync(Socket client, byte[] buffer, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(HeadTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var received = 0;
        while (received < buffer.Length)
        {
            var count = await client.ReceiveAsync(buffer.AsMemory(received), either.Token);
            if (count == 0)
            {
                break;
            }

            received += count;
            var end = buffer.AsSpan(0, received).IndexOf("\r\n\r\n"u8);
            if (end >= 0)
            {
                return (end + 4, received);
            }
        }

        return (0, received);
    }

    private static async Task RefuseAsync(Socket client, string status, string reason, CancellationToken cancellationToken)
    {
        var body = $"agentplatform: {reason}\n";
        await SendAllAsync(
            client,
            Encoding.ASCII.GetBytes($"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}"),
            cancellationToken);
        client.Shutdown(SocketShutdown.Send);
    }

    private static async Task SendAllAsync(Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellationToken)..];
        }
    }

    [LoggerMessage(3301, LogLevel.Information, "Instance {Instance} was not let through to {Host}")]
    private partial void LogRefused(InstanceId instance, string host);

    [LoggerMessage(3302, LogLevel.Warning, "Registry {Host} resolves to an address that is not public")]
    private partial void LogNotPublic(string host);
}

/// <summary>Resolves host names.</summary>
internal interface IAddressResolver
{
    /// <summary>The addresses of a host.</summary>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken);
}

/// <summary>Resolves host names as the machine does.</summary>
internal sealed class SystemAddressResolver : IAddressResolver
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken) => await Dns.GetHostAddressesAsync(host, cancellationToken);
}
