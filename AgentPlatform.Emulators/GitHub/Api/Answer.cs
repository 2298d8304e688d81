using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentPlatform.Emulators.GitHub.Api;

/// <summary>
/// An answer of the API. It is not written by the endpoint but kept on the call, because limits, conditional requests and
/// injected faults decide what of it reaches the client.
/// </summary>
internal sealed class Answer : IResult
{
    // GitHub escapes only what JSON itself demands.
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private byte[]? _bytes;

    public const string Json = "application/json; charset=utf-8";

    public required int Status { get; init; }

    public JsonNode? Body { get; init; }

    /// <summary>Content that is not JSON, for the media types <c>raw</c> and <c>diff</c>.</summary>
    public byte[]? Content { get; init; }

    public string ContentType { get; init; } = Json;

    /// <summary>What goes over the wire.</summary>
    public byte[] Bytes => _bytes ??= Content ?? (Body is null ? [] : JsonSerializer.SerializeToUtf8Bytes(Body, Compact));

    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public static Answer Ok(JsonNode body) => new() { Status = 200, Body = body };

    public static Answer Created(JsonNode body, string location) =>
        new() { Status = 201, Body = body, Headers = { ["Location"] = location } };

    public static Answer NoContent() => new() { Status = 204 };

    public static Answer Text(string text, string contentType) =>
        new() { Status = 200, Content = Encoding.UTF8.GetBytes(text), ContentType = contentType };

    /// <summary>GitHub's error body.</summary>
    public static Answer Error(int status, string message, JsonArray? errors = null, string documentation = "https://docs.github.com/rest")
    {
        var body = new JsonObject { ["message"] = message };
        if (errors is not null)
        {
            body["errors"] = errors;
        }

        body["documentation_url"] = documentation;
        body["status"] = status.ToString(CultureInfo.InvariantCulture);
        return new Answer { Status = status, Body = body };
    }

    public static Answer NotFound() => Error(404, "Not Found");

    /// <summary>A request that its schema refuses.</summary>
    public static Answer Invalid(string detail) => Error(422, $"Invalid request.\n\n{detail}");

    /// <summary>A request that is well formed and still refused.</summary>
    public static Answer Refused(string resource, string field, string code, string? detail = null)
    {
        var error = new JsonObject { ["resource"] = resource, ["code"] = code, ["field"] = field };
        if (detail is not null)
        {
            error["message"] = detail;
        }

        return Error(422, "Validation Failed", [error]);
    }

    public Task ExecuteAsync(HttpContext httpContext)
    {
        GitHubCall.Of(httpContext).Answer = this;
        return Task.CompletedTask;
    }
}
