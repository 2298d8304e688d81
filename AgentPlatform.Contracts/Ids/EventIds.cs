namespace AgentPlatform.Contracts;

/// <summary>A webhook delivery as it was stored here; not the GUID that the forge gave it.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<DeliveryId>))]
public readonly record struct DeliveryId(Guid Value) : ITypedId<DeliveryId>
{
    /// <inheritdoc/>
    public static string Prefix => "dlv_";

    /// <inheritdoc/>
    public static DeliveryId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out DeliveryId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>An event, in whichever stream or log it travels.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<EnvelopeId>))]
public readonly record struct EnvelopeId(Guid Value) : ITypedId<EnvelopeId>
{
    /// <inheritdoc/>
    public static string Prefix => "evt_";

    /// <inheritdoc/>
    public static EnvelopeId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out EnvelopeId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}
