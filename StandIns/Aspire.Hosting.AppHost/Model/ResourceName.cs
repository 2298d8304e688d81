using System.Runtime.CompilerServices;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>The rule for names of resources and endpoints; they end up in host names and variables, so it is strict.</summary>
internal static class ResourceName
{
    private const int LengthMax = 64;

    public static void Validate(
        string? name,
        string target = "Resource",
        [CallerArgumentExpression(nameof(name))] string? parameterName = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name, parameterName);

        if (Fault(name) is { } fault)
        {
            throw new ArgumentException($"{target} name '{name}' is invalid. {fault}", parameterName);
        }
    }

    private static string? Fault(string name) => name switch
    {
        { Length: > LengthMax } => $"Name must be between 1 and {LengthMax} characters long.",
        _ when !char.IsAsciiLetter(name[0]) => "Name must start with an ASCII letter.",
        _ when !name.All(character => char.IsAsciiLetterOrDigit(character) || character == '-') =>
            "Name must contain only ASCII letters, digits, and hyphens.",
        _ when name.Contains("--", StringComparison.Ordinal) => "Name cannot contain consecutive hyphens.",
        _ when name[^1] == '-' => "Name cannot end with a hyphen.",
        _ => null,
    };
}
