using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Hosts;

/// <summary>A secret on its way. It prints as <c>***</c>, so that no record's text form, log or error message can carry it.</summary>
/// <param name="Value">The secret itself.</param>
[JsonConverter(typeof(SecretTextJsonConverter))]
public readonly record struct SecretText(string Value)
{
    /// <summary>Never the secret.</summary>
    public override string ToString() => "***";
}

/// <summary>Reads and writes a secret as a plain string.</summary>
public sealed class SecretTextJsonConverter : JsonConverter<SecretText>
{
    /// <inheritdoc/>
    public override SecretText Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        new(reader.GetString() ?? throw new JsonException("A secret cannot be null."));

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SecretText value, JsonSerializerOptions options) => writer.WriteStringValue(value.Value);
}
