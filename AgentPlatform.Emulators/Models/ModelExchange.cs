using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.Models.Behaviour;
using AgentPlatform.Emulators.Models.Control;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.Models;

/// <summary>A provider's own way to read requests and write answers and errors.</summary>
internal interface IModelDialect
{
    /// <summary><c>anthropic</c> or <c>openai</c>.</summary>
    string Api { get; }

    /// <summary>What the request says, or why it is refused.</summary>
    (Conversation? Conversation, string? Refusal) Read(HttpRequest request, JsonObject body);

    /// <summary>Writes the answer, as a stream or whole. A cut breaks off in the middle.</summary>
    Task WriteAsync(HttpContext context, JsonObject body, Conversation conversation, Reply reply, TimeProvider time);

    /// <summary>The error body for a status.</summary>
    JsonObject Error(int status, string message, string requestId);
}

/// <summary>The road of one model call: key, body, answer, record. The same for every provider.</summary>
internal sealed class ModelExchange(IOptions<ModelsOptions> options, Script script, ModelCalls calls, TimeProvider time)
{
    public async Task HandleAsync(HttpContext context, IModelDialect dialect)
    {
        var (started, requestId) = (Stopwatch.GetTimestamp(), $"req_{Guid.NewGuid():N}");
        context.Response.Headers["request-id"] = requestId;
        context.Response.Headers["x-request-id"] = requestId;
        var key = CheckKey(context.Request);
        var body = key == "valid" ? await ReadAsync(context) : null;
        var (conversation, refusal) = body is null ? (null, null) : dialect.Read(context.Request, body);
        var reply = conversation is null ? null : script.Next(dialect.Api, conversation);
        var status = (key, body, conversation, reply) switch
        {
            (not "valid", _, _, _) => 401,
            (_, null, _, _) => 400,
            (_, _, null, _) => 400,
            (_, _, _, { Manner.Status: { } wanted }) => wanted,
            _ => 200,
        };
        calls.Add(new ModelCall(
            requestId, time.GetUtcNow(), dialect.Api, context.Request.Path, key,
            [.. context.Request.Headers.Keys.Order(StringComparer.OrdinalIgnoreCase)],
            conversation?.Model, Streams(body), [.. conversation?.Tools.Select(tool => tool.Name) ?? []], conversation?.Outcomes.Count ?? 0,
            ModelCalls.Excerpt(conversation?.Prompt ?? string.Empty), Describe(reply, refusal), reply?.Manner.Cut == true ? 0 : status,
            conversation?.InputTokens ?? 0, status == 200 ? reply?.OutputTokens ?? 0 : 0, Stopwatch.GetElapsedTime(started)
                .TotalMilliseconds));

        if (reply?.Manner.Stall is { } stall && stall > TimeSpan.Zero)
        {
            await Task.Delay(stall, time, context.RequestAborted);
        }

        if (status == 200)
        {
            await dialect.WriteAsync(context, body!, conversation!, reply!, time);
            return;
        }

        context.Response.StatusCode = status;
        // Anthropic says with each error whether asking again can help, and its clients go by that.
        context.Response.Headers["x-should-retry"] = status is 408 or 409 or 429 or >= 500 ? "true" : "false";
        if (status is 429 or 529)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        await context.Response.WriteAsJsonAsync(dialect.Error(status, Message(status, key, refusal), requestId), context.RequestAborted);
    }

    /// <summary>Whether the client wants a stream.</summary>
    public static bool Streams(JsonObject? body) =>
        body?["stream"] is JsonValue value && value.TryGetValue<bool>(out var streams) && streams;

    /// <summary>Whether the call carries the key, in either provider's header.</summary>
    public string CheckKey(HttpRequest request)
    {
        var authorization = request.Headers.Authorization.ToString();
        var key = request.Headers["x-api-key"].ToString() is { Length: > 0 } own ? own
            : authorization.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? authorization["Bearer ".Length..] : string.Empty;
        return key.Length == 0 ? "missing"
            : CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(options.Value.ApiKey)) ? "valid"
                : "wrong";
    }

    private static string Message(int status, string key, string? refusal) => (status, key) switch
    {
        (401, "missing") => "x-api-key header is required",
        (401, _) => "invalid x-api-key",
        (400, _) => refusal ?? "The request body is not valid JSON",
        (529, _) => "Overloaded",
        (429, _) => "This request would exceed your rate limit",
        _ => "The emulator was asked to fail",
    };

    private async Task<JsonObject?> ReadAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = options.Value.RequestBytesMax;
        }

        try
        {
            return await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Describe(Reply? reply, string? refusal) =>
        ModelCalls.Excerpt(reply is null ? refusal ?? string.Empty : string.Join('\n', reply.Parts.Select(part => part switch
    {
        ReplyPart.Text text => text.Value,
        ReplyPart.ToolCall call => $"[{call.Name} {call.Input.ToJsonString()}]",
        _ => string.Empty,
    })));
}
