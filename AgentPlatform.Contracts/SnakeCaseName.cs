using System.Text.Json;

namespace AgentPlatform.Contracts;

/// <summary>An enum's value by the name under which <see cref="SnakeCaseEnumConverter{T}"/> writes it.</summary>
public static class SnakeCaseName
{
    /// <summary>The name, in lower snake case (<c>timed_out</c>).</summary>
    public static string Of<TEnum>(TEnum value)
        where TEnum : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());
}
