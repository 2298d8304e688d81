using System.Diagnostics.CodeAnalysis;
using AgentPlatform.Contracts;

namespace Services.Scheduler.Api;

/// <summary>Enums as queries write them: lower snake case, never a number.</summary>
internal static class QueryValues
{
    /// <summary>Reads an optional value. False, with what is accepted, for one that is none.</summary>
    public static bool TryRead<TEnum>(string? text, out TEnum? value, [NotNullWhen(false)] out string? accepted)
        where TEnum : struct, Enum
    {
        (value, accepted) = (null, null);
        if (text is null)
        {
            return true;
        }

        foreach (var candidate in Enum.GetValues<TEnum>())
        {
            if (SnakeCaseName.Of(candidate) == text)
            {
                value = candidate;
                return true;
            }
        }

        accepted = string.Join(", ", Enum.GetValues<TEnum>().Select(SnakeCaseName.Of));
        return false;
    }
}
