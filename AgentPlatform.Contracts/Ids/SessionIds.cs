namespace AgentPlatform.Contracts;

/// <summary>A session with a coding agent.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<SessionId>))]
public readonly record struct SessionId(Guid Value) : ITypedId<SessionId>
{
    /// <inheritdoc/>
    public static string Prefix => "ses_";

    /// <inheritdoc/>
    public static SessionId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out SessionId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>A profile that sessions are started from.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<ProfileId>))]
public readonly record struct ProfileId(Guid Value) : ITypedId<ProfileId>
{
    /// <inheritdoc/>
    public static string Prefix => "prf_";

    /// <inheritdoc/>
    public static ProfileId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out ProfileId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}
