using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace AgentPlatform.Tests.StandIns.Dashboard;

/// <summary>gRPC as a client sees it on the wire: HTTP/2 in plain text, five bytes before each message, the status in a trailer.</summary>
internal sealed class GrpcClient(Uri address, string? apiKey) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler()) { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan };

    public async Task<TResponse> CallAsync<TResponse>(string method, IMessage request, MessageParser<TResponse> parser, CancellationToken cancellationToken)
        where TResponse : IMessage<TResponse>
    {
        await foreach (var response in StreamAsync(method, request, parser, cancellationToken))
        {
            return response;
        }

        throw new InvalidOperationException($"{method} ended without an answer.");
    }

    public async IAsyncEnumerable<TResponse> StreamAsync<TResponse>(
        string method, IMessage request, MessageParser<TResponse> parser, [EnumeratorCancellation] CancellationToken cancellationToken)
        where TResponse : IMessage<TResponse>
    {
        using var response = await SendAsync(method, new ByteArrayContent(Frame(request)), cancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(cancellationToken);
        var prefix = new byte[5];
        while (await body.ReadAtLeastAsync(prefix, prefix.Length, throwOnEndOfStream: false, cancellationToken) == prefix.Length)
        {
            Assert.Equal(0, prefix[0]);
            var message = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
            await body.ReadExactlyAsync(message, cancellationToken);
            yield return parser.ParseFrom(message);
        }

        var status = response.TrailingHeaders.GetValues("grpc-status").Single();
        if (status != "0")
        {
            throw new GrpcFailure(int.Parse(status, System.Globalization.CultureInfo.InvariantCulture));
        }
    }

    public async Task<HttpResponseMessage> SendAsync(string method, HttpContent content, CancellationToken cancellationToken)
    {
        content.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        var request = new HttpRequestMessage(HttpMethod.Post, "/aspire.v1.DashboardService/" + method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        request.Headers.Add("te", "trailers");
        if (apiKey is not null)
        {
            request.Headers.Add("x-resource-service-api-key", apiKey);
        }

        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    public static byte[] Frame(IMessage message)
    {
        var bytes = message.ToByteArray();
        var frame = new byte[5 + bytes.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), bytes.Length);
        bytes.CopyTo(frame, 5);
        return frame;
    }

    public void Dispose() => _http.Dispose();
}

/// <summary>A call ended with a gRPC status other than OK.</summary>
internal sealed class GrpcFailure(int status) : Exception($"gRPC status {status}")
{
    public int Status { get; } = status;
}
