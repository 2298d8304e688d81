using System.Net;
using System.Net.Security;
using System.Net.Sockets;

namespace StackExchange.Redis.Connections;

/// <summary>Makes streams to a server, encrypted where the options say so.</summary>
internal static class Transport
{
    public static async Task<Stream> ConnectAsync(EndPoint endPoint, ConfigurationOptions options, CancellationToken cancellationToken)
    {
        var socket = endPoint.AddressFamily is AddressFamily.Unspecified or AddressFamily.Unknown
            ? new Socket(SocketType.Stream, ProtocolType.Tcp)
            : new Socket(endPoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        Stream? stream = null;
        try
        {
            socket.NoDelay = true;
            socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
            await socket.ConnectAsync(endPoint, cancellationToken).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            return options.Ssl ? await EncryptAsync(stream, endPoint, options, cancellationToken).ConfigureAwait(false) : stream;
        }
        catch
        {
            stream?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private static async Task<Stream> EncryptAsync(Stream stream, EndPoint endPoint, ConfigurationOptions options, CancellationToken cancellationToken)
    {
        var encrypted = new SslStream(stream);
        await encrypted.AuthenticateAsClientAsync(
            new SslClientAuthenticationOptions
            {
                TargetHost = options.SslHost ?? (endPoint as DnsEndPoint)?.Host ?? (endPoint as IPEndPoint)?.Address.ToString() ?? "",
                RemoteCertificateValidationCallback = options.Validation,
            },
            cancellationToken).ConfigureAwait(false);
        return encrypted;
    }
}
