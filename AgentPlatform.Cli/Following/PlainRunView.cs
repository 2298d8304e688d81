using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Spectre.Console;

namespace AgentPlatform.Cli.Following;

/// <summary>A run as lines, for logs and for terminals without colours.</summary>
internal sealed class PlainRunView(IAnsiConsole console) : IRunView
{
    private readonly Lock _lock = new();
    private FollowedRun? _run;

    public bool WantsOutput => true;

    public Task ShowAsync(RunDetail run, Func<Task> follow)
    {
        _run = new FollowedRun(run);
        RunText.WriteHead(console, run.Run);
        return follow();
    }

    public void Said(EventEnvelope said)
    {
        lock (_lock)
        {
            var run = _run!;
            var step = run.Apply(said);
            var at = $"[grey]{(said.Time - run.Run.QueuedAt).TotalSeconds,7:0.0} s[/]";
            var reason = run.Reason.Length > 0 ? $" [grey]{Markup.Escape(TerminalText.Plain(run.Reason))}[/]" : string.Empty;
            console.MarkupLine(step is null ? $"{at}  [blue]{Markup.Escape(What(said))}[/]{reason}" : $"{at}  {RunText.Line(step)}");
        }
    }

    public void Printed(StepId step, string line)
    {
        lock (_lock)
        {
            console.MarkupLineInterpolated($"[grey]           | {line}[/]");
        }
    }

    public void Ended(RunDetail run) => RunText.WriteEnd(console, run);

    private static string What(EventEnvelope said) => said.Kind.StartsWith("run.", StringComparison.Ordinal) ? said.Kind["run.".Length..] : said.Kind;
}
