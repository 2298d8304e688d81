using System.Text.Json;
using System.Text.RegularExpressions;

namespace Services.Sessions.Agents;

/// <summary>
/// Texts within an agent's JSON. A program that cuts a text at some length may cut a character in two; JSON can write such a half, and it is no reason to
/// lose the rest.
/// </summary>
internal static partial class JsonTexts
{
    /// <summary>The text of a JSON string; half a character in it is replaced.</summary>
    /// <exception cref="InvalidOperationException">Its bytes are not UTF-8.</exception>
    public static string Of(JsonElement value)
    {
        try
        {
            return value.GetString() ?? string.Empty;
        }
        catch (InvalidOperationException)
        {
            using var mended = JsonDocument.Parse(Escape().Replace(value.GetRawText(), static found => IsHalf(found.Value) ? @"\uFFFD" : found.Value));
            return mended.RootElement.GetString() ?? string.Empty;
        }
    }

    private static bool IsHalf(string escape) => escape.Length == 6 && escape[2] is 'd' or 'D' && escape[3] is not (>= '0' and <= '7');

    // A whole pair is one escape, and so is a backslash before anything else: what follows it is no beginning of another.
    [GeneratedRegex(@"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|.)", RegexOptions.CultureInvariant)]
    private static partial Regex Escape();
}
