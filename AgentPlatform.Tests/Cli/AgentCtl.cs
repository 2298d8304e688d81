using AgentPlatform.Cli;
using AgentPlatform.Client;
using Spectre.Console;

namespace AgentPlatform.Tests.Cli;

/// <summary>What a command of agentctl wrote, and how it ended.</summary>
/// <param name="ExitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="Output">Standard output: what is for people and what is for programs, in the order it came.</param>
/// <param name="Errors">Standard error.</param>
internal sealed record CommandResult(int ExitCode, string Output, string Errors)
{
    public IReadOnlyList<string> Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>agentctl within this process, as into a file.</summary>
internal static class AgentCtl
{
    public static async Task<CommandResult> RunAsync(params string[] args)
    {
        using StringWriter output = new(), errors = new();
        var code = await new CommandTree(ConsoleFor(output), ConsoleFor(errors), output, AgentPlatformClient.For).RunAsync(args);
        return new CommandResult(code, output.ToString(), errors.ToString());
    }

    private static IAnsiConsole ConsoleFor(TextWriter writer)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(writer), Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors });
        console.Profile.Width = 1000;
        return console;
    }
}
