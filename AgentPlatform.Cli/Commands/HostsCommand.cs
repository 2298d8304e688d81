using System.CommandLine;
using System.CommandLine.Parsing;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Spectre.Console;

namespace AgentPlatform.Cli.Commands;

/// <summary><c>agentctl hosts [hst_…]</c>.</summary>
internal static class HostsCommand
{
    public static Command Create(Invoker invoke)
    {
        var host = new Argument<HostId?>("host") { Description = "One host, with what its machine has and lacks.", Arity = ArgumentArity.ZeroOrOne, CustomParser = Parse };
        var listing = new Listing(PageLimits.Default);
        var command = new Command("hosts", "Lists the machines that hold instances, or shows one.") { host, listing.Limit, listing.Cursor };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) =>
            {
                if (parsed.GetValue(host) is { } id)
                {
                    Show(context, await context.Client.Hosts.ReadAsync(id, cancellation));
                }
                else
                {
                    Show(context, await context.Client.Hosts.ListAsync(parsed.GetValue(listing.Cursor), parsed.GetValue(listing.Limit), cancellation));
                }

                return ExitCodes.Success;
            },
            cancellationToken));
        return command;
    }

    private static HostId? Parse(ArgumentResult result)
    {
        if (result.Tokens.Count == 0)
        {
            return null;
        }

        if (HostId.TryParse(result.Tokens[0].Value, null, out var id))
        {
            return id;
        }

        result.AddError("A host's id is hst_ and 32 hexadecimal digits.");
        return null;
    }

    private static void Show(CommandContext context, Page<HostSummary> page) => Listing.Show(
        context, page, HostsJsonContext.Default.PageHostSummary, ["Host", "Name", "State", "Used", "Labels", "Last seen"],
        host =>
        [
            Listing.Cell(host.Id.ToString()), Listing.Cell(host.Name), new Markup(State(host.State)), Listing.Cell($"{host.Used} of {host.Capacity}"),
            Listing.Cell(Labels(host)), Listing.Cell(host.LastSeenAt),
        ]);

    private static void Show(CommandContext context, HostDetail detail)
    {
        if (context.Json)
        {
            context.Output.WriteLine(JsonSerializer.Serialize(detail, HostsJsonContext.Default.HostDetail));
            return;
        }

        var host = detail.Host;
        context.Console.MarkupLineInterpolated($"[bold]{host.Name}[/] [grey]{host.Id}[/]");
        context.Console.MarkupLine($"  {State(host.State)}, {host.Used} of {host.Capacity} places used, {Markup.Escape(Labels(host))}");
        context.Console.MarkupLineInterpolated($"  [grey]{host.Url.AbsoluteUri} {host.Version}, seen {host.LastSeenAt.ToLocalTime():g}[/]");
        if (detail.Status is not { } status)
        {
            context.Console.MarkupLine("  [yellow]it does not answer[/]");
            return;
        }

        foreach (var (name, value) in status.Fingerprint.Attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            context.Console.MarkupLineInterpolated($"  [grey]{name}[/] {value}");
        }

        foreach (var lack in status.Fingerprint.Shortcomings)
        {
            context.Console.MarkupLine($"  {(lack.Blocking ? "[red]lacks[/]" : "[yellow]lacks[/]")} {Markup.Escape($"{lack.Message} {lack.Cure}")}");
        }
    }

    private static string Labels(HostSummary host) => string.Join(' ', host.Labels.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));

    private static string State(HostState state) => state switch
    {
        HostState.Ready => "[green]ready[/]",
        HostState.NotReady => "[yellow]not ready[/]",
        _ => "[red]silent[/]",
    };
}
