using System.CommandLine;
using System.CommandLine.Invocation;
using System.Net;
using System.Text.Json;
using AgentPlatform.Cli.Commands;
using AgentPlatform.Cli.Demo;
using AgentPlatform.Client;
using Spectre.Console;

namespace AgentPlatform.Cli;

/// <summary>The commands of agentctl.</summary>
/// <param name="console">For people.</param>
/// <param name="errors">For people, beside a program's output.</param>
/// <param name="output">For programs: with <c>--format json</c> nothing but JSON is written there.</param>
/// <param name="connect">Makes a client for an address.</param>
internal sealed class CommandTree(IAnsiConsole console, IAnsiConsole errors, TextWriter output, Func<Uri, AgentPlatformClient> connect)
{
    public async Task<int> RunAsync(IReadOnlyList<string> args)
    {
        var root = new RootCommand("Runs, and what became of them.") { CommonOptions.Server, CommonOptions.Format };
        root.Subcommands.Add(RunCommand.Create(Invoke));
        var runs = RunsCommand.Create(Invoke);
        foreach (var verb in RunVerbs.Create(Invoke))
        {
            runs.Subcommands.Add(verb);
        }

        root.Subcommands.Add(runs);
        root.Subcommands.Add(FollowCommand.Create(Invoke));
        root.Subcommands.Add(LogsCommand.Create(Invoke));
        root.Subcommands.Add(HostsCommand.Create(Invoke));
        root.Subcommands.Add(StatusCommand.Create(Invoke));
        root.Subcommands.Add(DemoCommand.Create(Invoke));
        if (args.Count == 0)
        {
            // Who says nothing is told what can be said.
            await root.Parse("--help").InvokeAsync(new InvocationConfiguration { Output = output });
            return ExitCodes.Usage;
        }

        var parsed = root.Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            errors.MarkupLineInterpolated($"[red]{UsageErrors.Of(parsed)}[/]");
            return ExitCodes.Usage;
        }

        return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output });
    }

    /// <summary>Carries out a command and turns what may go wrong into an exit code and one line for people.</summary>
    private async Task<int> Invoke(ParseResult parsed, Func<CommandContext, CancellationToken, Task<int>> action, CancellationToken cancellationToken)
    {
        if (!CommonOptions.TryReadServer(parsed, out var address))
        {
            errors.MarkupLine("[red]--server (or AGENTPLATFORM_URL) is an absolute http or https address.[/]");
            return ExitCodes.Usage;
        }

        try
        {
            var json = parsed.GetValue(CommonOptions.Format) == OutputFormat.Json;
            return await action(new CommandContext(connect(address), parsed, console, output, json), cancellationToken);
        }
        catch (AgentPlatformException refusal)
        {
            errors.MarkupLineInterpolated($"[red]{refusal.Message}[/]{(refusal.Code is { } code ? $" ({code})" : string.Empty)}");
            return CodeOf(refusal);
        }
        catch (DemoException failure)
        {
            errors.MarkupLineInterpolated($"[red]{failure.Message}[/]");
            return failure.Code;
        }
        catch (Exception failure) when (failure is JsonException or HttpRequestException or IOException)
        {
            errors.MarkupLineInterpolated($"[red]{address} did not answer as the platform does: {failure.Message.ReplaceLineEndings(" ")}[/]");
            return ExitCodes.Unreachable;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return ExitCodes.Interrupted;
        }
    }

    private static int CodeOf(AgentPlatformException refusal) => refusal.Status switch
    {
        null or >= HttpStatusCode.InternalServerError => ExitCodes.Unreachable,
        HttpStatusCode.NotFound or HttpStatusCode.Gone => ExitCodes.NotFound,
        HttpStatusCode.BadRequest => ExitCodes.Usage,
        _ => ExitCodes.Refused,
    };
}

/// <summary>What a command works with.</summary>
/// <param name="Client">The platform.</param>
/// <param name="Parsed">The command line.</param>
/// <param name="Console">For people.</param>
/// <param name="Output">For programs, and for text that is passed on as it is.</param>
/// <param name="Json">Whether a program reads the output.</param>
internal sealed record CommandContext(AgentPlatformClient Client, ParseResult Parsed, IAnsiConsole Console, TextWriter Output, bool Json);

/// <summary>Carries out a command; see <see cref="CommandTree"/>.</summary>
internal delegate Task<int> Invoker(ParseResult parsed, Func<CommandContext, CancellationToken, Task<int>> action, CancellationToken cancellationToken);
