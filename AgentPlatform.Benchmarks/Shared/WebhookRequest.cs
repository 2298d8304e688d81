using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>A webhook as GitHub sends it, signed and ready to go before any clock starts.</summary>
internal static class WebhookRequest
{
    /// <summary>The secret that Webhooks knows, too.</summary>
    public const string Secret = "the secret of the benchmark";

    /// <summary>A whole <c>pull_request</c> request, under a GUID of its own.</summary>
    public static byte[] Of(string payload)
    {
        var body = Encoding.UTF8.GetBytes(payload);
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body));
        var head = string.Create(
            CultureInfo.InvariantCulture,
            $"POST /webhooks/github HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nUser-Agent: GitHub-Hookshot/044aadd\r\nContent-Type: application/json\r\nX-GitHub-Event: pull_request\r\nX-GitHub-Hook-ID: 292430182\r\nX-GitHub-Delivery: {Guid.NewGuid():D}\r\nX-Hub-Signature-256: sha256={signature}\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. body];
    }

    /// <summary>Connects to Webhooks.</summary>
    public static async Task<Socket> ConnectAsync(Uri webhooks)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, webhooks.Port);
        return socket;
    }

    /// <summary>Sends a request and waits for its 202.</summary>
    public static async Task SendAsync(Socket socket, byte[] request, byte[] buffer)
    {
        for (var written = 0; written < request.Length;)
        {
            written += await socket.SendAsync(request.AsMemory(written));
        }

        await HttpAnswer.ReadAsync(socket, buffer, 202);
    }

    /// <summary>Sends all requests over a number of connections, each connection one after the other.</summary>
    /// <returns>When the first was sent and when the last was answered.</returns>
    public static async Task<(DateTimeOffset First, DateTimeOffset Last)> SendAllAsync(Uri webhooks, IReadOnlyList<byte[]> requests, int connections)
    {
        var next = -1;
        var first = TimeProvider.System.GetUtcNow();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var socket = await ConnectAsync(webhooks);
            var buffer = new byte[8 * 1024];
            for (var index = Interlocked.Increment(ref next); index < requests.Count; index = Interlocked.Increment(ref next))
            {
                await SendAsync(socket, requests[index], buffer);
            }
        })));
        return (first, TimeProvider.System.GetUtcNow());
    }
}
