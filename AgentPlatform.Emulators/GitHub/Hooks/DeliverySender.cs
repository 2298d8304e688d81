using System.Diagnostics;
using System.Net;
using System.Text;
using AgentPlatform.Emulators.GitHub.State;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Hooks;

/// <summary>
/// Sends deliveries as GitHub does: many at a time and hence in no order, ten seconds each, no redirects followed, and never
/// again of its own accord.
/// </summary>
internal sealed partial class DeliverySender(
    Deliveries deliveries, HookTarget target, IOptions<GitHubOptions> options, TimeProvider time, ILogger<DeliverySender> logger)
    : BackgroundService
{
    private const int SendersMax = 32;
    private const int ResponseBytesMax = 64 * 1024;
    private const string UserAgent = "GitHub-Hookshot/a9c1b2e";
    private const string HookId = "467000001";

    // Not from the client factory: no retries, no resilience, and no trace header, none of which GitHub has.
    private readonly HttpClient _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ActivityHeadersPropagator = null,
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    /// <summary>Sends one request and says what came back. Used for raw requests too, which no record is kept of.</summary>
    public async Task<DeliveryOutcome> SendAsync(string url, IReadOnlyDictionary<string, string> headers, byte[] body,
        CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        using var limit = new CancellationTokenSource(options.Value.DeliveryTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var request = Request(url, headers, body);
            using var response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, both.Token);
            var text = await ReadAsync(response, both.Token);
            var code = (int)response.StatusCode;
            var received = response.Headers.Concat(response.Content.Headers)
                .ToDictionary(pair => pair.Key, pair => string.Join(", ", pair.Value), StringComparer.OrdinalIgnoreCase);
            return new DeliveryOutcome(code is >= 200 and < 300 ? "OK" : $"Invalid HTTP Response: {code}", code,
                Stopwatch.GetElapsedTime(started), received, text);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Failed("timed out", HttpStatusCode.GatewayTimeout, started);
        }
        catch (Exception unreachable) when (unreachable is HttpRequestException or IOException)
        {
            return Failed("failed to connect to host", HttpStatusCode.BadGateway, started);
        }
    }

    /// <summary>The headers of a delivery, signed with the secret of the moment.</summary>
    public Dictionary<string, string> Headers(string name, string guid, byte[] payload)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            ["Accept"] = "*/*",
            ["Content-Type"] = "application/json",
            ["User-Agent"] = UserAgent,
            ["X-GitHub-Delivery"] = guid,
            ["X-GitHub-Event"] = name,
            ["X-GitHub-Hook-ID"] = HookId,
            ["X-GitHub-Hook-Installation-Target-ID"] = options.Value.AppId.ToString(System.Globalization.CultureInfo.InvariantCulture),
            ["X-GitHub-Hook-Installation-Target-Type"] = "integration",
        };
        if (target.Current.Secret is { Length: > 0 } secret)
        {
            headers["X-Hub-Signature"] = Signature.Sha1(secret, payload);
            headers["X-Hub-Signature-256"] = Signature.Sha256(secret, payload);
        }

        return headers;
    }

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, SendersMax).Select(_ => SendAllAsync(stoppingToken)));

    private async Task SendAllAsync(CancellationToken stoppingToken)
    {
        await foreach (var delivery in deliveries.Waiting.ReadAllAsync(stoppingToken))
        {
            delivery.RequestHeaders = Headers(delivery.Event, delivery.Guid, delivery.Payload);
            var outcome = delivery.Url is { } url
                ? await SendAsync(url, delivery.RequestHeaders, delivery.Payload, stoppingToken)
                : Failed("failed to connect to host", HttpStatusCode.BadGateway, Stopwatch.GetTimestamp());
            deliveries.Settle(delivery, outcome);
            Log.Delivered(logger, delivery.Event, delivery.Action, delivery.Guid, outcome.Status, outcome.Duration.TotalMilliseconds);
        }
    }

    private static HttpRequestMessage Request(string url, IReadOnlyDictionary<string, string> headers, byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, url) { Content = new ByteArrayContent(body) };
        foreach (var (name, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    private static async Task<string> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[ResponseBytesMax];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static DeliveryOutcome Failed(string status, HttpStatusCode code, long started) =>
        new(status, (int)code, Stopwatch.GetElapsedTime(started), new Dictionary<string, string>(), string.Empty);

    private static partial class Log
    {
        [LoggerMessage(7101, LogLevel.Information, "Delivered {Event} {Action} {Guid}: {Status} in {Milliseconds:F0} ms")]
        public static partial void Delivered(ILogger logger, string @event, string? action, string guid, string status,
            double milliseconds);
    }
}
