using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts;

/// <summary>Ids in JSON are their text form, as values and as property names. Anything else is refused.</summary>
/// <typeparam name="TId">The id.</typeparam>
public sealed class TypedIdJsonConverter<TId> : JsonConverter<TId>
    where TId : struct, ITypedId<TId>
{
    /// <inheritdoc/>
    public override TId Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String ? Parse(reader.GetString()) : throw NotAnId();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WriteStringValue(TypedId.Write(value));

    /// <inheritdoc/>
    public override TId ReadAsPropertyName(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => Parse(reader.GetString());

    /// <inheritdoc/>
    public override void WriteAsPropertyName(Utf8JsonWriter writer, TId value, JsonSerializerOptions options) => writer.WritePropertyName(TypedId.Write(value));

    private static TId Parse(string? text) => TypedId.TryRead(text, out TId id) ? id : throw NotAnId();

    private static JsonException NotAnId() => new($"Not an id of the form {TId.Prefix} and 32 lowercase hex digits of a UUIDv7.");
}
