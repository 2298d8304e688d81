using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Services.Webhooks.Receiving;

namespace AgentPlatform.Tests.Services.Webhooks;

/// <summary>What nobody of good will sends: it is refused clearly or taken in without harm, and the next delivery finds the service as it was.</summary>
public sealed class BadInputTests : WebhooksTest
{
    private WebhooksNode _node = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _node = await StartAsync(new() { ["Webhooks:GitHub:BodyTimeout"] = "00:00:02" });
    }

    public override async Task DisposeAsync()
    {
        // Whatever a test sent: memory is given back, and a good delivery is taken in.
        using (var request = Payloads.Request(Payloads.PullRequest(99)))
        {
            Assert.Equal(HttpStatusCode.Accepted, (await _node.SendAsync(request)).Status);
        }

        await Eventually.TrueAsync(() => _node.Services.GetRequiredService<BodyBudget>().Taken == 0, "the memory given back");
        await _node.DisposeAsync();
        await base.DisposeAsync();
    }

    [Theory]
    [InlineData('[', ']')]
    [InlineData('{', '}')]
    public async Task TenThousandLevelsOfNestingAreRefused(char open, char close)
    {
        var deep = string.Concat(Enumerable.Repeat(open == '{' ? "{\"a\":" : "[", 10_000)) + "1" + new string(close, 10_000);
        var body = Encoding.ASCII.GetBytes($"{{\"action\":\"opened\",\"pull_request\":{deep}}}");
        using var json = Payloads.Request(body);
        using var form = Payloads.Request(Encoding.ASCII.GetBytes($"payload={Uri.EscapeDataString(Encoding.ASCII.GetString(body))}"), contentType: "application/x-www-form-urlencoded");

        await RefusedAsync(json, HttpStatusCode.BadRequest, IntakeCodes.InvalidPayload);
        await RefusedAsync(form, HttpStatusCode.BadRequest, IntakeCodes.InvalidPayload);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("identity")]
    public async Task ACompressedBodyIsRefusedAndNotUnpacked(string encoding)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(new byte[64 * 1024 * 1024]);
        }

        using var request = Payloads.Request(compressed.ToArray());
        request.Content!.Headers.TryAddWithoutValidation("Content-Encoding", encoding);

        await RefusedAsync(request, HttpStatusCode.UnsupportedMediaType, ProblemCodes.UnsupportedMediaType);
    }

    [Fact]
    public async Task ACompressedBodyThatDoesNotSaySoIsNoPayload()
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Payloads.PullRequest());
        }

        using var request = Payloads.Request(compressed.ToArray());

        await RefusedAsync(request, HttpStatusCode.BadRequest, IntakeCodes.InvalidPayload);
    }

    [Theory]
    [InlineData("X-GitHub-Event: push\r\nX-GitHub-Event: ping", "400", IntakeCodes.MissingHeader)]
    [InlineData("X-GitHub-Delivery: 0b989ba4-242f-11e5-81e1-c7b6966d2516\r\nX-GitHub-Delivery: 0b989ba4-242f-11e5-81e1-c7b6966d2517", "400", IntakeCodes.MissingHeader)]
    [InlineData("Content-Type: application/json\r\nContent-Type: text/plain", "415", ProblemCodes.UnsupportedMediaType)]
    [InlineData("Content-Encoding: gzip\r\nContent-Encoding: gzip", "415", ProblemCodes.UnsupportedMediaType)]
    public async Task AHeaderThatSaysTwoThingsIsRefused(string twice, string status, string code)
    {
        var answer = await SendRawAsync(Head("{}"u8, twice), "{}"u8.ToArray());

        Assert.StartsWith($"HTTP/1.1 {status} ", answer, StringComparison.Ordinal);
        Assert.Contains(code, answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 2\r\nContent-Length: 3")]
    [InlineData("Content-Length: -2")]
    [InlineData("Content-Length: 99999999999999999999")]
    [InlineData("X-GitHub-Event: p\u00ffsh")]
    [InlineData("X-GitHub-Event push")]
    public async Task AHeadThatIsNoHttpIsRefusedByTheServer(string line)
    {
        var answer = await SendRawAsync(Head("{}"u8, line), "{}"u8.ToArray());

        Assert.StartsWith("HTTP/1.1 400 ", answer, StringComparison.Ordinal);
        Assert.Empty(await _node.StatesAsync());
    }

    [Fact]
    public async Task ABodyThatTricklesIsNotWaitedForForever()
    {
        using var client = await ConnectAsync();
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(Head(new byte[100_000], "X-GitHub-Event: push")));
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        var answer = ReadAsync(stream, deadline.Token);

        // A byte now and then keeps the connection busy, and would for more than an hour.
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!answer.IsCompleted && await pace.WaitForNextTickAsync(deadline.Token))
        {
            try
            {
                await stream.WriteAsync("{"u8.ToArray(), deadline.Token);
            }
            catch (IOException)
            {
                break;
            }
        }

        Assert.StartsWith("HTTP/1.1 408 ", await answer, StringComparison.Ordinal);
        Assert.Contains(ProblemCodes.RequestTimeout, await answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task APingWithAWrongSignatureIsRefusedToo()
    {
        using var request = Payloads.Request("{}"u8.ToArray(), "ping", signature: Payloads.Sign("{} "u8));

        await RefusedAsync(request, HttpStatusCode.Unauthorized, IntakeCodes.InvalidSignature);
    }

    [Fact]
    public async Task ABodyInChunksWithoutALengthIsTakenIn()
    {
        using var request = Payloads.Request(Payloads.PullRequest());
        request.Headers.TransferEncodingChunked = true;

        Assert.Equal(7, (await TakenInAsync(request)).PullRequest);
    }

    [Fact]
    public async Task BytesThatAreNotUtf8AreTakenInAndAreNoHint()
    {
        byte[] body = [.. """{"action":"opened","sender":{"login":"a"""u8, 0xff, 0xfe, 0xc0, 0x80, .. "\"},\"title\":\""u8, 0xf5, 0x80, .. "\",\"number\":7}"u8];
        using var request = Payloads.Request(body);

        Assert.Equal(("opened", null), ((await TakenInAsync(request)).Action, (await _node.PublishedAsync())[0].Sender));
    }

    [Fact]
    public async Task HugeNumbersAreTakenInAndAreNoHint()
    {
        var digits = new string('9', 400);
        using var request = Payloads.Request(Encoding.ASCII.GetBytes(
            $$$"""{"action":"opened","installation":{"id":{{{digits}}}},"repository":{"id":1e400},"pull_request":{"number":9223372036854775808,"additions":-{{{digits}}}.{{{digits}}}e-{{{digits}}}}}"""));

        var delivery = await TakenInAsync(request);

        Assert.Equal((null, null, null), (delivery.InstallationId, delivery.RepositoryId, delivery.PullRequest));
    }

    [Theory]
    [InlineData("no_event_of_today")]
    [InlineData("installation")]
    public async Task AnEventThatNobodyKnowsAndAnInstallationThatNobodyKnowsAreTakenIn(string name)
    {
        using var request = Payloads.Request("""{"action":"constructed","installation":{"id":987654321}}"""u8.ToArray(), name);

        var delivery = await TakenInAsync(request);

        Assert.Equal((name, 987654321L), (delivery.Event, delivery.InstallationId));
    }

    private async Task RefusedAsync(HttpRequestMessage request, HttpStatusCode status, string code)
    {
        var (given, problem) = await _node.SendAsync(request);
        Assert.Equal((status, code), (given, problem.GetProperty("code").GetString()));
        Assert.Empty(await _node.StatesAsync());
    }

    /// <summary>Sends what is to be accepted, and returns what was published of it.</summary>
    private async Task<DeliveryReceived> TakenInAsync(HttpRequestMessage request)
    {
        Assert.Equal(HttpStatusCode.Accepted, (await _node.SendAsync(request)).Status);
        await Eventually.TrueAsync(async () => (await _node.PublishedAsync()).Count == 1, "published");
        Assert.Equal(["pending"], await _node.StatesAsync());
        return (await _node.PublishedAsync())[0];
    }

    /// <summary>The head of a good request, but for the headers given, which stand in the place of those of the same name.</summary>
    private static string Head(ReadOnlySpan<byte> body, string instead)
    {
        string[] usual =
        [
            "Content-Type: application/json", "X-GitHub-Event: push", $"X-GitHub-Delivery: {Guid.NewGuid()}", $"X-Hub-Signature-256: {Payloads.Sign(body)}", $"Content-Length: {body.Length}",
        ];
        var kept = usual.Where(line => !instead.StartsWith(line.Split(':')[0], StringComparison.Ordinal));
        return $"POST /webhooks/github HTTP/1.1\r\nHost: x\r\n{string.Join("\r\n", kept)}\r\n{instead}\r\n\r\n";
    }

    private async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(_node.Client.BaseAddress!.Host, _node.Client.BaseAddress.Port);
        return client;
    }

    private async Task<string> SendRawAsync(string head, byte[] body)
    {
        using var client = await ConnectAsync();
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(head));
        await stream.WriteAsync(body);
        using var deadline = new CancellationTokenSource(Eventually.Patience);
        return await ReadAsync(stream, deadline.Token);
    }

    /// <summary>Reads until a problem's code has come, or the server ends the connection.</summary>
    private static async Task<string> ReadAsync(NetworkStream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[16 * 1024];
        var text = new StringBuilder();
        while (!text.ToString().Contains("\"code\"", StringComparison.Ordinal) && await stream.ReadAsync(buffer, cancellationToken) is > 0 and var read)
        {
            text.Append(Encoding.UTF8.GetString(buffer, 0, read));
        }

        return text.ToString();
    }
}
