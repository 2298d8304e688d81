using System.CommandLine.Parsing;
using AgentPlatform.Contracts;

namespace AgentPlatform.Cli.Commands;

/// <summary>Ids on a command line.</summary>
internal static class Ids
{
    public static RunId ParseRun(ArgumentResult result)
    {
        if (RunId.TryParse(result.Tokens[0].Value, null, out var id))
        {
            return id;
        }

        result.AddError("A run's id is run_ and 32 hexadecimal digits.");
        return default;
    }
}
