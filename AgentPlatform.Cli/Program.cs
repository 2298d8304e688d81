using AgentPlatform.Cli;
using AgentPlatform.Client;
using Spectre.Console;

return await new CommandTree(
    ConsoleFor(Console.Out, Console.IsOutputRedirected), ConsoleFor(Console.Error, Console.IsErrorRedirected), Console.Out, AgentPlatformClient.For).RunAsync(args);

// What goes into a file or a pipe carries no colours and is not broken into lines; the same for people who want no colours (https://no-color.org).
static IAnsiConsole ConsoleFor(TextWriter writer, bool redirected)
{
    const int Unbroken = 1000;
    var plain = redirected || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
    var console = AnsiConsole.Create(new AnsiConsoleSettings
    {
        Out = new AnsiConsoleOutput(writer),
        Ansi = plain ? AnsiSupport.No : AnsiSupport.Detect,
        ColorSystem = plain ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
    });
    if (redirected)
    {
        console.Profile.Width = Unbroken;
    }

    return console;
}
