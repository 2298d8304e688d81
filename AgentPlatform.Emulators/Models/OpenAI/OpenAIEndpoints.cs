using System.Text.Json.Nodes;

namespace AgentPlatform.Emulators.Models.OpenAI;

/// <summary>OpenAI's API, with the base address <c>/openai/v1</c>.</summary>
internal static class OpenAIEndpoints
{
    private static readonly string[] Models = ["gpt-5", "gpt-5-codex", "gpt-5-mini"];

    public static void MapOpenAI(this IEndpointRouteBuilder app)
    {
        var api = app.MapGroup("/openai/v1");
        api.MapPost("responses", (HttpContext context, ModelExchange exchange, ResponsesDialect dialect) =>
            exchange.HandleAsync(context, dialect));
        api.MapPost("chat/completions", (HttpContext context, ModelExchange exchange, ChatDialect dialect) =>
            exchange.HandleAsync(context, dialect));
        api.MapGet("models", (HttpContext context, ModelExchange exchange) => exchange.CheckKey(context.Request) == "valid"
            ? TypedResults.Json(new JsonObject { ["object"] = "list", ["data"] = new JsonArray([.. Models.Select(Model)]) })
            : (IResult)TypedResults.Json(OpenAIErrors.Error(401, "Incorrect API key provided"), statusCode: 401));
        api.Map("{**rest}", () => TypedResults.Json(OpenAIErrors.Error(404, "Unknown request URL"), statusCode: 404));
    }

    private static JsonObject Model(string id) =>
        new() { ["id"] = id, ["object"] = "model", ["created"] = 1_767_225_600, ["owned_by"] = "emulator" };
}

/// <summary>OpenAI's error body, the same in all its APIs.</summary>
internal static class OpenAIErrors
{
    public static JsonObject Error(int status, string message) => new()
    {
        ["error"] = new JsonObject
        {
            ["message"] = message,
            ["type"] = status switch { 401 => "authentication_error", 429 => "rate_limit_error", >= 500 => "server_error", _ => "invalid_request_error" },
            ["param"] = null,
            ["code"] = status switch { 401 => "invalid_api_key", 429 => "rate_limit_exceeded", _ => null },
        },
    };
}
