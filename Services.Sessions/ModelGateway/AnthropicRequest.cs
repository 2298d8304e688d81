using System.Text.Json;

namespace Services.Sessions.ModelGateway;

/// <summary>A checked call of Anthropic's messages API.</summary>
/// <param name="Model">The model.</param>
/// <param name="OutputMax">Tokens it may write.</param>
/// <param name="Refusal">Why it is not forwarded, or null.</param>
internal sealed record AnthropicRequest(string Model, long OutputMax, string? Refusal)
{
    /// <summary>
    /// Fields that the gateway knows to be harmless. One that it does not know may be a way out of the instance, such as a provider that
    /// fetches addresses on request, so it is refused by name.
    /// </summary>
    private static readonly HashSet<string> AllowedFields =
    [
        "model", "messages", "system", "max_tokens", "stream", "temperature", "top_p", "top_k", "stop_sequences", "tools", "tool_choice", "thinking",
        "metadata", "betas", "output_config", "context_management", "cache_control", "service_tier", "diagnostics",
    ];

    // Of a field that is there twice, the provider may take the one that was not looked at here.
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    public static AnthropicRequest Read(ReadOnlyMemory<byte> body, IList<string> allowedModels)
    {
        try
        {
            using var document = JsonDocument.Parse(body, Strict);
            return Check(document.RootElement, allowedModels);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is for a text that is no Unicode.
            return Refused("the body is not JSON, or names a field twice");
        }
    }

    private static AnthropicRequest Check(JsonElement root, IList<string> allowedModels)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("model", out var name) || name.ValueKind != JsonValueKind.String)
        {
            return Refused("model: a text is needed");
        }

        var model = name.GetString()!;
        if (model.Length > 200 || (allowedModels.Count > 0 && !allowedModels.Any(prefix => model.StartsWith(prefix, StringComparison.Ordinal))))
        {
            return Refused("model: not among those that this platform allows");
        }

        foreach (var field in root.EnumerateObject().Where(field => !AllowedFields.Contains(field.Name)))
        {
            return Refused($"{(field.Name.Length > 64 ? "a field" : field.Name)}: not among the fields that this platform forwards");
        }

        if (root.TryGetProperty("tools", out var tools) && !(tools.ValueKind == JsonValueKind.Array && tools.EnumerateArray().All(IsCarriedOutByTheAgent)))
        {
            return Refused("tools: those that the provider carries out are not forwarded");
        }

        foreach (var part in (string[])["messages", "system"])
        {
            if (root.TryGetProperty(part, out var content) && HoldsWhatTheProviderFetches(content))
            {
                return Refused($"{part}: what the provider would have to fetch is not forwarded; send it along");
            }
        }

        var output = root.TryGetProperty("max_tokens", out var max) && max.ValueKind == JsonValueKind.Number && max.TryGetInt64(out var tokens) ? tokens : 0;
        return new AnthropicRequest(model, Math.Clamp(output, 0, 1_000_000), null);
    }

    /// <summary>A tool without a type, or of type custom, is carried out by the agent in its instance. Any other is carried out by the provider.</summary>
    private static bool IsCarriedOutByTheAgent(JsonElement tool) =>
        tool.ValueKind == JsonValueKind.Object && (!tool.TryGetProperty("type", out var type) || type.ValueKind == JsonValueKind.Null || IsText(type, "custom"));

    /// <summary>
    /// Images and documents come with their bytes. One that is only named would be fetched by the provider, from an address that the instance chose and
    /// with whatever the instance wrote into it. What a tool was called with is data of the agent's and is not looked at.
    /// </summary>
    private static bool HoldsWhatTheProviderFetches(JsonElement content) => content.ValueKind switch
    {
        JsonValueKind.Array => content.EnumerateArray().Any(HoldsWhatTheProviderFetches),
        JsonValueKind.Object => (content.TryGetProperty("source", out var source) && !IsSentAlong(source))
            || content.EnumerateObject().Any(field => field.Name != "input" && HoldsWhatTheProviderFetches(field.Value)),
        _ => false,
    };

    private static bool IsSentAlong(JsonElement source) =>
        source.ValueKind != JsonValueKind.Object
        || (source.TryGetProperty("type", out var type) && (IsText(type, "base64") || IsText(type, "text") || IsText(type, "content")) && !source.TryGetProperty("url", out _));

    private static bool IsText(JsonElement element, string text) => element.ValueKind == JsonValueKind.String && element.ValueEquals(text);

    private static AnthropicRequest Refused(string why) => new(string.Empty, 0, why);
}
