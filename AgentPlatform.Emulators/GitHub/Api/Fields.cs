using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentPlatform.Emulators.GitHub.Api;

/// <summary>Reads a request's fields and keeps the first reason to refuse it, in GitHub's words.</summary>
internal sealed class Fields(JsonObject body)
{
    /// <summary>The answer to give when a field was not as it must be.</summary>
    public Answer? Error { get; private set; }

    public bool Has(string name) => body[name] is not null;

    /// <summary>A text, or null where there is none.</summary>
    public string? Text(string name, bool required = false, int max = int.MaxValue)
    {
        if (body[name] is not { } node)
        {
            return required ? Fail<string>($"\"{name}\" wasn't supplied.") : null;
        }

        if (node.GetValueKind() != JsonValueKind.String)
        {
            return Fail<string>($"For 'properties/{name}', {Describe(node)} is not a string.");
        }

        var text = node.GetValue<string>();
        return text.Length <= max ? text : Fail<string>($"Only {max} characters are allowed; {text.Length} were supplied.");
    }

    public int? Number(string name, bool required = false)
    {
        if (body[name] is not { } node)
        {
            return required ? FailNumber($"\"{name}\" wasn't supplied.") : null;
        }

        return node.GetValueKind() == JsonValueKind.Number && node.AsValue().TryGetValue<int>(out var number)
            ? number
            : FailNumber($"For 'properties/{name}', {Describe(node)} is not an integer.");
    }

    /// <summary>One of a closed set of words.</summary>
    public string? OneOf(string name, params string[] values) => OneOf(name, required: false, values);

    public string? OneOf(string name, bool required, string[] values)
    {
        var text = Text(name, required);
        return text is null || values.Contains(text, StringComparer.Ordinal)
            ? text
            : Fail<string>($"For 'properties/{name}', {text} is not a member of [{string.Join(", ", values.Select(value => $"\"{value}\""))}].");
    }

    public DateTimeOffset? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }

        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        Fail<string>($"For 'properties/{name}', {text} is not a valid date-time.");
        return null;
    }

    public JsonObject? Object(string name) => body[name] switch
    {
        null => null,
        JsonObject value => value,
        var other => Fail<JsonObject>($"For 'properties/{name}', {Describe(other)} is not an object."),
    };

    /// <summary>A list of objects, empty where there is none.</summary>
    public IReadOnlyList<JsonObject> Objects(string name, int max)
    {
        if (body[name] is not { } node)
        {
            return [];
        }

        if (node is not JsonArray items)
        {
            return Fail<IReadOnlyList<JsonObject>>($"For 'properties/{name}', {Describe(node)} is not an array.") ?? [];
        }

        if (items.Count > max)
        {
            return Fail<IReadOnlyList<JsonObject>>($"No more than {max} items are allowed; {items.Count} were supplied.") ?? [];
        }

        return items.All(item => item is JsonObject)
            ? [.. items.Cast<JsonObject>()]
            : Fail<IReadOnlyList<JsonObject>>(
                $"For 'properties/{name}/items', {Describe(items.First(item => item is not JsonObject))} is not an object.") ?? [];
    }

    /// <summary>Takes over the reason of a part.</summary>
    public void Absorb(Fields part) => Error ??= part.Error;

    public void Refuse(string detail) => Error ??= Answer.Invalid(detail);

    private static string Describe(JsonNode? node) => node is null ? "nil" : node.ToJsonString();

    private T? Fail<T>(string detail)
        where T : class
    {
        Refuse(detail);
        return null;
    }

    private int? FailNumber(string detail)
    {
        Refuse(detail);
        return null;
    }
}
