using System.CommandLine;
using System.Text.Json;
using AgentPlatform.Contracts;
using Spectre.Console;

namespace AgentPlatform.Cli.Commands;

/// <summary><c>agentctl status</c>.</summary>
internal static class StatusCommand
{
    public static Command Create(Invoker invoke)
    {
        var command = new Command("status", "Says whether every service is well.");
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) =>
            {
                var status = await context.Client.StatusAsync(cancellation);
                Show(context, status);
                return status.Healthy ? ExitCodes.Success : ExitCodes.NotReady;
            },
            cancellationToken));
        return command;
    }

    private static void Show(CommandContext context, SystemStatus status)
    {
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(status, ContractsJsonContext.Default.SystemStatus));
            return;
        }

        foreach (var service in status.Services.OrderBy(service => service.Name, StringComparer.Ordinal))
        {
            context.Console.MarkupLine($"{(service.Healthy ? "[green]✓[/]" : "[red]✗[/]")} {Markup.Escape(service.Name),-10} [grey]{Markup.Escape(About(service))}[/]");
        }
    }

    private static string About(ServiceStatus service) => service.Error
        ?? string.Join("  ", service.Dependencies.Select(item => item.Healthy ? $"{item.Name} {item.Milliseconds:0.0} ms" : $"{item.Name} does not answer"));
}
