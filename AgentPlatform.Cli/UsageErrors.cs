using System.CommandLine;
using System.Text.RegularExpressions;

namespace AgentPlatform.Cli;

/// <summary>What is wrong with a command line, in one line.</summary>
internal static partial class UsageErrors
{
    /// <summary>Says it, and where to read on.</summary>
    public static string Of(ParseResult parsed)
    {
        var said = parsed.Errors.Select(error => Plain(error.Message)).Distinct(StringComparer.Ordinal);
        var names = new List<string>();
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult)
        {
            names.Insert(0, command.Parent is null ? "agentctl" : command.Command.Name);
        }

        return $"{string.Join(' ', said)} See {string.Join(' ', names)} --help.";
    }

    // The parser speaks of types, which say nothing to people.
    private static string Plain(string message)
    {
        var line = message.Split('\n', 2)[0].Trim();
        line = NumberPattern().Replace(line, " as a whole number");
        return EnumPattern().Replace(line, string.Empty);
    }

    [GeneratedRegex(@" as expected type 'System\.(?:Int32|Nullable`1\[System\.Int32\])'", RegexOptions.CultureInvariant)]
    private static partial Regex NumberPattern();

    [GeneratedRegex(@" as expected type '[^']*'|\s*Did you mean.*$", RegexOptions.CultureInvariant)]
    private static partial Regex EnumPattern();
}
