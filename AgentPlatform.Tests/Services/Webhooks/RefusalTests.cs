using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Services.Webhooks.Receiving;

namespace AgentPlatform.Tests.Services.Webhooks;

/// <summary>What is refused, with which status and code, and that nothing of it is kept.</summary>
public sealed class RefusalTests(RefusalTests.Fixture fixture) : IClassFixture<RefusalTests.Fixture>
{
    private readonly WebhooksNode _node = fixture.Node;

    [Theory]
    [InlineData("X-GitHub-Event")]
    [InlineData("X-GitHub-Delivery")]
    [InlineData("X-Hub-Signature-256")]
    public async Task ADeliveryWithoutAHeaderIsRefused(string header)
    {
        using var request = Payloads.Request(Payloads.PullRequest());
        request.Headers.Remove(header);

        var problem = await RefusedAsync(request, HttpStatusCode.BadRequest, IntakeCodes.MissingHeader);

        Assert.Contains(header, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("X-GitHub-Event", "pull request")]
    [InlineData("X-GitHub-Event", "Pull_Request")]
    [InlineData("X-GitHub-Delivery", "not-a-guid")]
    [InlineData("X-GitHub-Delivery", "{0b989ba4-242f-11e5-81e1-c7b6966d2516}")]
    public async Task AHeaderOfAnotherFormIsRefused(string header, string value)
    {
        using var request = Payloads.Request(Payloads.PullRequest());
        request.Headers.Remove(header);
        request.Headers.Add(header, value);

        await RefusedAsync(request, HttpStatusCode.BadRequest, IntakeCodes.InvalidHeader);
    }

    [Fact]
    public async Task AHeaderThatComesTwiceIsBelievedNeitherTime()
    {
        var signature = Payloads.Sign("{}"u8);

        var answer = await SendRawAsync(
            $"Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: {Guid.NewGuid()}\r\nX-Hub-Signature-256: {signature}\r\nX-Hub-Signature-256: {signature}\r\nContent-Length: 2\r\n\r\n{{}}");

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Contains(IntakeCodes.MissingHeader, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("sha256=0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("sha256=short")]
    [InlineData("sha1=757107ea0eb2509fc211221cce984b8a37570b6d")]
    public async Task AWrongSignatureIsRefused(string signature)
    {
        using var request = Payloads.Request(Payloads.PullRequest(), signature: signature);

        await RefusedAsync(request, HttpStatusCode.Unauthorized, IntakeCodes.InvalidSignature);
    }

    [Fact]
    public async Task ASignatureOfOtherBytesIsRefused()
    {
        using var request = Payloads.Request(Payloads.PullRequest(8), signature: Payloads.Sign(Payloads.PullRequest(7)));

        await RefusedAsync(request, HttpStatusCode.Unauthorized, IntakeCodes.InvalidSignature);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("application/json; charset=utf-16")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("nonsense")]
    public async Task AnotherContentTypeIsRefused(string contentType)
    {
        using var request = Payloads.Request(Payloads.PullRequest(), contentType: contentType);

        await RefusedAsync(request, HttpStatusCode.UnsupportedMediaType, ProblemCodes.UnsupportedMediaType);
    }

    [Fact]
    public async Task ADeliveryWithoutAContentTypeIsRefused()
    {
        using var request = Payloads.Request(Payloads.PullRequest());
        request.Content!.Headers.Remove("Content-Type");

        await RefusedAsync(request, HttpStatusCode.UnsupportedMediaType, ProblemCodes.UnsupportedMediaType);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("\"text\"")]
    [InlineData("{\"action\":\"opened\"")]
    [InlineData("{}}")]
    public async Task WhatIsNoCompleteObjectIsRefused(string body)
    {
        using var request = Payloads.Request(Encoding.UTF8.GetBytes(body));

        await RefusedAsync(request, HttpStatusCode.BadRequest, IntakeCodes.InvalidPayload);
    }

    [Fact]
    public async Task EveryTruncationOfASignedPayloadIsRefused()
    {
        var payload = Payloads.PullRequest();
        for (var length = 0; length < payload.Length; length += 17)
        {
            using var request = Payloads.Request(payload[..length]);
            await RefusedAsync(request, HttpStatusCode.BadRequest, IntakeCodes.InvalidPayload);
        }
    }

    [Theory]
    [InlineData("other={}")]
    [InlineData("payload=%7")]
    [InlineData("payload=%7B")]
    public async Task AFormWithoutAReadablePayloadIsRefused(string form)
    {
        using var request = Payloads.Request(Encoding.UTF8.GetBytes(form), contentType: "application/x-www-form-urlencoded");

        await RefusedAsync(request, HttpStatusCode.BadRequest, IntakeCodes.InvalidPayload);
    }

    [Fact]
    public async Task TwentySixMegabytesAreRefusedBeforeTheyAreRead()
    {
        // The head of the request alone: an answer shows that nobody waited for the body.
        var answer = await SendRawAsync($"Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: {Guid.NewGuid()}\r\nX-Hub-Signature-256: sha256=0\r\nContent-Length: {26 * 1024 * 1024}\r\n\r\n");

        Assert.StartsWith("HTTP/1.1 413 ", answer, StringComparison.Ordinal);
        Assert.Contains(ProblemCodes.PayloadTooLarge, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TwentySixMegabytesInChunksAreRefusedWhenTheyAreTooMany()
    {
        using var request = Payloads.Request([]);
        request.Content = new StreamContent(new MemoryStream(new byte[26 * 1024 * 1024]));
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
        request.Headers.TransferEncodingChunked = true;
        try
        {
            await RefusedAsync(request, HttpStatusCode.RequestEntityTooLarge, ProblemCodes.PayloadTooLarge);
        }
        catch (HttpRequestException exception)
        {
            // The service may end the connection while the client still writes, so that the client never sees the answer.
            Assert.IsAssignableFrom<IOException>(exception.InnerException);
        }

        Assert.Equal(0, _node.Services.GetRequiredService<BodyBudget>().Taken);
    }

    [Fact]
    public async Task ABodyThatDoesNotArriveIsNotWaitedForForever()
    {
        var answer = await SendRawAsync(
            $"Content-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: {Guid.NewGuid()}\r\nX-Hub-Signature-256: sha256=0\r\nContent-Length: 10000\r\n\r\n{{\"action\"");

        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Equal(0, _node.Services.GetRequiredService<BodyBudget>().Taken);
    }

    [Fact]
    public async Task AConnectionThatBreaksInTheBodyLeavesNothingBehind()
    {
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(_node.Client.BaseAddress!.Host, _node.Client.BaseAddress.Port);
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
                $"POST /webhooks/github HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-GitHub-Event: push\r\nX-GitHub-Delivery: {Guid.NewGuid()}\r\nX-Hub-Signature-256: sha256=0\r\nContent-Length: 10000\r\n\r\n{{"));
        }

        await Eventually.TrueAsync(() => _node.Services.GetRequiredService<BodyBudget>().Taken == 0, "the buffer given back");
    }

    [Fact]
    public async Task AnotherMethodIsRefused()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "webhooks/github");

        await RefusedAsync(request, HttpStatusCode.MethodNotAllowed, ProblemCodes.MethodNotAllowed);
    }

    [Fact]
    public async Task APingIsAnsweredAndNotKept()
    {
        using var request = Payloads.Request("""{"zen":"Keep it logically awesome.","hook_id":1}"""u8.ToArray(), "ping");

        var (status, answer) = await _node.SendAsync(request);

        Assert.Equal((HttpStatusCode.OK, "pong"), (status, answer.GetProperty("status").GetString()));
    }

    private async Task<JsonElement> RefusedAsync(HttpRequestMessage request, HttpStatusCode status, string code)
    {
        var (given, problem) = await _node.SendAsync(request);
        Assert.Equal((status, code), (given, problem.GetProperty("code").GetString()));
        Assert.Empty(await _node.StatesAsync());
        return problem;
    }

    /// <summary>Sends the head of a request, and what is written behind it, and reads what comes back until the server is done.</summary>
    private async Task<string> SendRawAsync(string rest)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_node.Client.BaseAddress!.Host, _node.Client.BaseAddress.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"POST /webhooks/github HTTP/1.1\r\nHost: x\r\n{rest}"));
        var buffer = new byte[16 * 1024];
        var text = new StringBuilder();
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        while (!text.ToString().Contains("\"code\"", StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, deadline.Token);
            if (read == 0)
            {
                break;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return text.ToString();
    }

    /// <summary>One service for all these tests: whatever they send, nothing of it stays.</summary>
    public sealed class Fixture : WebhooksTest
    {
        internal WebhooksNode Node { get; private set; } = null!;

        public override async Task InitializeAsync()
        {
            await base.InitializeAsync();
            Node = await StartAsync(new() { ["Webhooks:GitHub:BodyTimeout"] = "00:00:02" });
        }

        public override async Task DisposeAsync()
        {
            await Node.DisposeAsync();
            await base.DisposeAsync();
        }
    }
}
