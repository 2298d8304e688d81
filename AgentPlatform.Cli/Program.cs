using AgentPlatform.Cli;
using AgentPlatform.Client;
using Spectre.Console;

return await new CommandTree(
    ConsoleFor(Console.Out, Console.IsOutputRedirected), ConsoleFor(Console.Error, Console.IsErrorRedirected), Console.Out, AgentPlatformClient.For).RunAsync(args);

// What goes into a file or a pipe carries no colours.
static IAnsiConsole ConsoleFor(TextWriter writer, bool redirected) => AnsiConsole.Create(new AnsiConsoleSettings
{
    Out = new AnsiConsoleOutput(writer),
    Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
    ColorSystem = redirected ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
});
