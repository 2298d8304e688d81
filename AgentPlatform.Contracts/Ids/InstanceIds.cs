namespace AgentPlatform.Contracts;

/// <summary>An isolated place on a host where commands run.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<InstanceId>))]
public readonly record struct InstanceId(Guid Value) : ITypedId<InstanceId>
{
    /// <inheritdoc/>
    public static string Prefix => "ins_";

    /// <inheritdoc/>
    public static InstanceId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out InstanceId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>A command in an instance. Starting the same id twice starts it once.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<CommandId>))]
public readonly record struct CommandId(Guid Value) : ITypedId<CommandId>
{
    /// <inheritdoc/>
    public static string Prefix => "cmd_";

    /// <inheritdoc/>
    public static CommandId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out CommandId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>A machine that holds instances.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<HostId>))]
public readonly record struct HostId(Guid Value) : ITypedId<HostId>
{
    /// <inheritdoc/>
    public static string Prefix => "hst_";

    /// <inheritdoc/>
    public static HostId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out HostId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}
