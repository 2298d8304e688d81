namespace AgentPlatform.Contracts;

/// <summary>A tenant: the outermost border of who may see what.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<TenantId>))]
public readonly record struct TenantId(Guid Value) : ITypedId<TenantId>
{
    /// <inheritdoc/>
    public static string Prefix => "ten_";

    /// <inheritdoc/>
    public static TenantId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out TenantId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>A team: what it owns, its members see.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<TeamId>))]
public readonly record struct TeamId(Guid Value) : ITypedId<TeamId>
{
    /// <inheritdoc/>
    public static string Prefix => "tea_";

    /// <inheritdoc/>
    public static TeamId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out TeamId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>A person with an account.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<PersonId>))]
public readonly record struct PersonId(Guid Value) : ITypedId<PersonId>
{
    /// <inheritdoc/>
    public static string Prefix => "per_";

    /// <inheritdoc/>
    public static PersonId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out PersonId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>An API key; the id is public, the key is not.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<ApiKeyId>))]
public readonly record struct ApiKeyId(Guid Value) : ITypedId<ApiKeyId>
{
    /// <inheritdoc/>
    public static string Prefix => "key_";

    /// <inheritdoc/>
    public static ApiKeyId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out ApiKeyId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>An entry of the audit log.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<AuditId>))]
public readonly record struct AuditId(Guid Value) : ITypedId<AuditId>
{
    /// <inheritdoc/>
    public static string Prefix => "aud_";

    /// <inheritdoc/>
    public static AuditId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out AuditId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}
