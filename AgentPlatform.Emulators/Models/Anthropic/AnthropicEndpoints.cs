using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentPlatform.Emulators.Models.Anthropic;

/// <summary>Anthropic's API, with the base address <c>/anthropic</c>.</summary>
internal static class AnthropicEndpoints
{
    private static readonly string[] Models = ["claude-opus-5-5", "claude-sonnet-5", "claude-haiku-4-5-20251001"];

    public static void MapAnthropic(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/anthropic");
        // Agents look whether the server is there before they begin.
        api.MapMethods("", [HttpMethods.Get, HttpMethods.Head], () => TypedResults.NoContent());
        api.MapPost("v1/messages", (HttpContext context, ModelExchange exchange, AnthropicDialect dialect) =>
            exchange.HandleAsync(context, dialect));
        api.MapPost("v1/messages/count_tokens", CountAsync);
        api.MapGet("v1/models", (HttpContext context, ModelExchange exchange, AnthropicDialect dialect) =>
            Guarded(context, exchange, dialect, () => TypedResults.Json(new JsonObject
            {
                ["data"] = new JsonArray([.. Models.Select(Model)]),
                ["has_more"] = false,
                ["first_id"] = Models[0],
                ["last_id"] = Models[^1],
            })));
        api.MapGet("v1/models/{id}", (string id, HttpContext context, ModelExchange exchange, AnthropicDialect dialect) =>
            Guarded(context, exchange, dialect, () => Models.Contains(id, StringComparer.Ordinal)
                ? TypedResults.Json(Model(id))
                : TypedResults.Json(dialect.Error(404, $"model: {id}", "req_unknown"), statusCode: 404)));
        api.Map("{**rest}", (AnthropicDialect dialect) =>
            TypedResults.Json(dialect.Error(404, "Not found", "req_unknown"), statusCode: 404));
    }

    private static async Task<IResult> CountAsync(HttpContext context, ModelExchange exchange, AnthropicDialect dialect)
    {
        JsonObject? body;
        try
        {
            body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted) as JsonObject;
        }
        catch (JsonException)
        {
            body = null;
        }

        return Guarded(context, exchange, dialect, () =>
        {
            var (conversation, refusal) = body is null ? (null, "The request body is not valid JSON")
                : AnthropicRequest.Read(body, counting: true);
            return conversation is null
                ? TypedResults.Json(dialect.Error(400, refusal!, "req_unknown"), statusCode: 400)
                : TypedResults.Json(new JsonObject { ["input_tokens"] = conversation.InputTokens });
        });
    }

    private static IResult Guarded(HttpContext context, ModelExchange exchange, AnthropicDialect dialect, Func<IResult> answer) =>
        exchange.CheckKey(context.Request) == "valid" ? answer()
            : TypedResults.Json(dialect.Error(401, "invalid x-api-key", "req_unknown"), statusCode: 401);

    private static JsonObject Model(string id) => new()
    {
        ["type"] = "model",
        ["id"] = id,
        ["display_name"] = id,
        ["created_at"] = "2026-01-01T00:00:00Z",
    };
}
