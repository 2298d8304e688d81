using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AgentPlatform.Cli.Following;

/// <summary>A run as a picture that moves: its steps with their state and time, and the last lines of what is under way.</summary>
internal sealed class LiveRunView(IAnsiConsole console, TimeProvider time) : IRunView
{
    private const int TailLines = 8;
    private const string Frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
    private const string AsciiFrames = "|/-\\";
    private static readonly TimeSpan FrameTime = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly Queue<string> _tail = new();
    private readonly long _begun = time.GetTimestamp();
    private FollowedRun? _run;

    public bool WantsOutput => true;

    public async Task ShowAsync(RunDetail run, Func<Task> follow)
    {
        _run = new FollowedRun(run);
        RunText.WriteHead(console, run.Run);
        await console.Live(Draw(moving: true)).StartAsync(async live =>
        {
            var following = follow();
            while (!following.IsCompleted)
            {
                live.UpdateTarget(Draw(moving: true));
                await Task.WhenAny(following, Task.Delay(FrameTime, time));
            }

            live.UpdateTarget(Draw(moving: false));
            await following;
        });
    }

    public void Said(EventEnvelope said)
    {
        lock (_lock)
        {
            _run!.Apply(said);
            if (FollowedRun.StepOf(said) is not null && FollowedRun.Begins(said))
            {
                _tail.Clear();
            }
        }
    }

    public void Printed(StepId step, string line)
    {
        lock (_lock)
        {
            _tail.Enqueue(line);
            if (_tail.Count > TailLines)
            {
                _tail.Dequeue();
            }
        }
    }

    public void Ended(RunDetail run) => RunText.WriteEnd(console, run);

    private Rows Draw(bool moving)
    {
        lock (_lock)
        {
            var (run, now) = (_run!, time.GetUtcNow());
            List<IRenderable> rows = [];
            if (run.Conclusion is null)
            {
                rows.Add(new Markup($" {Spinner()} [blue]{Markup.Escape(run.Phase)}[/] [grey]{Seconds(now - run.Run.QueuedAt)} {Markup.Escape(run.Reason)}[/]"));
            }

            rows.AddRange(run.Steps.Select(step => new Markup($"   {Sign(step)} {RunText.Line(step, now)}")));
            if (moving && run.Conclusion is null)
            {
                rows.AddRange(_tail.Select(line => new Text($"     │ {TerminalText.Short(line, Math.Max(20, console.Profile.Width - 8))}", new Style(Color.Grey))));
            }

            return new Rows(rows);
        }
    }

    private string Sign(FollowedStep step) => step.State switch
    {
        "passed" => "[green]✓[/]",
        "failed" or "timed_out" => "[red]✗[/]",
        "running" => Spinner(),
        _ => "[grey]·[/]",
    };

    private string Spinner()
    {
        var frames = console.Profile.Capabilities.Unicode ? Frames : AsciiFrames;
        return $"[blue]{frames[(int)(time.GetElapsedTime(_begun) / FrameTime) % frames.Length]}[/]";
    }

    private static string Seconds(TimeSpan span) => RunText.Seconds(span);
}
