using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.Tests.Hosts;

/// <summary>A webhook as it arrived.</summary>
public sealed record ReceivedWebhook(IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    public string Event => Headers.GetValueOrDefault("X-GitHub-Event") ?? string.Empty;

    public string DeliveryId => Headers.GetValueOrDefault("X-GitHub-Delivery") ?? string.Empty;
}

/// <summary>An address that takes webhooks and keeps them; what it answers is the test's to say.</summary>
public sealed class WebhookReceiver : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly WebApplication _app;
    private readonly Channel<ReceivedWebhook> _received = Channel.CreateUnbounded<ReceivedWebhook>();

    private WebhookReceiver(WebApplication app) => _app = app;

    public string Url => $"{_app.Urls.Single()}/webhooks/github";

    /// <summary>What the next webhooks are answered. Default: 202 at once.</summary>
    public Func<HttpContext, Task> Answer { get; set; } = context =>
    {
        context.Response.StatusCode = StatusCodes.Status202Accepted;
        return Task.CompletedTask;
    };

    public static async Task<WebhookReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        var receiver = new WebhookReceiver(app);
        app.MapPost("/webhooks/github", receiver.ReceiveAsync);
        await app.StartAsync();
        return receiver;
    }

    /// <summary>The next webhook of this name, and action where one is given. Others that come before it are passed over.</summary>
    public async Task<ReceivedWebhook> NextAsync(string name, string? action = null)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (true)
        {
            var webhook = await _received.Reader.ReadAsync(deadline.Token);
            if (webhook.Event == name && (action is null ||
                System.Text.Json.Nodes.JsonNode.Parse(webhook.Body)?["action"]?.GetValue<string>() == action))
            {
                return webhook;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = context.Request.Headers.ToDictionary(pair => pair.Key, pair =>
            pair.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        await _received.Writer.WriteAsync(new ReceivedWebhook(headers, body.ToArray()));
        await Answer(context);
    }
}
