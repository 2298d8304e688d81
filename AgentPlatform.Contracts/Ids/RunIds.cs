namespace AgentPlatform.Contracts;

/// <summary>One attempt at one workflow for one subject of a repository.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<RunId>))]
public readonly record struct RunId(Guid Value) : ITypedId<RunId>
{
    /// <inheritdoc/>
    public static string Prefix => "run_";

    /// <inheritdoc/>
    public static RunId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out RunId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>A step of a run: build, test, lint and so on.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<StepId>))]
public readonly record struct StepId(Guid Value) : ITypedId<StepId>
{
    /// <inheritdoc/>
    public static string Prefix => "stp_";

    /// <inheritdoc/>
    public static StepId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out StepId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>Something a step or a review found in the code.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<FindingId>))]
public readonly record struct FindingId(Guid Value) : ITypedId<FindingId>
{
    /// <inheritdoc/>
    public static string Prefix => "fnd_";

    /// <inheritdoc/>
    public static FindingId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out FindingId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}

/// <summary>A schedule that starts runs.</summary>
/// <param name="Value">The bare UUID.</param>
[System.Text.Json.Serialization.JsonConverter(typeof(TypedIdJsonConverter<ScheduleId>))]
public readonly record struct ScheduleId(Guid Value) : ITypedId<ScheduleId>
{
    /// <inheritdoc/>
    public static string Prefix => "sch_";

    /// <inheritdoc/>
    public static ScheduleId From(Guid value) => new(value);

    /// <inheritdoc/>
    public static bool TryParse(string? s, IFormatProvider? provider, out ScheduleId result) => TypedId.TryRead(s, out result);

    /// <summary>The text form.</summary>
    public override string ToString() => TypedId.Write(this);
}
