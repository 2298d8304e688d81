using System.Globalization;
using System.Text;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Drivers.Scripted;

/// <summary>
/// What a scripted command does, as a pure function of its script, its input, its signals and the time: so it goes on through a restart of the host,
/// and a test sees the same each time.
/// </summary>
/// <remarks>
/// A script is the program <c>scripted</c> with directives as arguments, carried out in order: <c>output=TEXT</c> and <c>error=TEXT</c> write;
/// <c>repeat=COUNTxTEXT</c> writes often; <c>sleep=MILLISECONDS</c> waits; <c>echo_input</c> writes its input until that ends; <c>run</c> runs on until it is ended;
/// <c>exit=CODE</c> ends. Anywhere: <c>on_stop=CODE:TEXT</c> answers the request to end by a text and an exit code, <c>ignore_stop</c> ignores it.
/// <c>start_error=COUNT</c> lets so many starts fail, as a machine might, before one succeeds; <c>missing</c> is a program that is not there.
/// Any other program ends at once with 0.
/// </remarks>
internal sealed class Script
{
    /// <summary>The name of the program.</summary>
    public const string Program = "scripted";

    private readonly IReadOnlyList<(string Name, string Value)> _steps;

    public Script(IReadOnlyList<string> argv)
    {
        _steps = argv[0] == Program ? [.. argv.Skip(1).Select(Split)] : [];
        StartErrors = Number("start_error") ?? 0;
        IsMissing = Value("missing") is not null;
    }

    /// <summary>How many starts fail.</summary>
    public int StartErrors { get; }

    /// <summary>Whether the program is not there.</summary>
    public bool IsMissing { get; }

    /// <summary>What it has done by now.</summary>
    /// <param name="startedAt">When it was started.</param>
    /// <param name="now">Now.</param>
    /// <param name="inputs">Its input, in order.</param>
    /// <param name="signals">The signals that it was sent, in order.</param>
    /// <param name="mergeOutput">Whether its standard error goes to its standard output.</param>
    public ScriptState Evaluate(
        DateTimeOffset startedAt, DateTimeOffset now, IReadOnlyList<ScriptInput> inputs, IReadOnlyList<ScriptSignal> signals, bool mergeOutput)
    {
        var ending = signals.FirstOrDefault(Ends);
        var limit = ending is not null && ending.At < now ? ending.At : now;
        var run = new Run(startedAt, limit, inputs, mergeOutput);
        foreach (var step in _steps)
        {
            if (!run.Take(step.Name, step.Value))
            {
                return ending is not null && ending.At <= now ? run.EndedBy(ending, StopAnswer()) : run.Running();
            }
        }

        return run.Exited(0);
    }

    private bool Ends(ScriptSignal signal) => signal.Signal == CommandSignal.Kill || Value("ignore_stop") is null;

    private (int Code, string Text)? StopAnswer() =>
        Value("on_stop") is { } answer && answer.Split(':', 2) is [var code, var text] ? (int.Parse(code, CultureInfo.InvariantCulture), text) : null;

    private string? Value(string name) => _steps.Where(step => step.Name == name).Select(step => step.Value).FirstOrDefault();

    private int? Number(string name) => Value(name) is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    private static (string Name, string Value) Split(string directive)
    {
        var equals = directive.IndexOf('=', StringComparison.Ordinal);
        return equals < 0 ? (directive, "") : (directive[..equals], directive[(equals + 1)..]);
    }

    private sealed class Run(DateTimeOffset time, DateTimeOffset limit, IReadOnlyList<ScriptInput> inputs, bool merge)
    {
        private readonly List<byte> _output = new();
        private readonly List<byte> _error = new();
        private int? _exit;
        private DateTimeOffset? _wake;

        /// <summary>Carries out a directive.</summary>
        /// <returns>Whether it was carried out to its end by now.</returns>
        public bool Take(string name, string value)
        {
            if (_exit is not null)
            {
                return true;
            }

            switch (name)
            {
                case "output":
                    Write(_output, value);
                    return true;
                case "error":
                    Write(merge ? _output : _error, value);
                    return true;
                case "repeat" when value.Split('x', 2) is [var count, var text]:
                    Write(_output, string.Concat(Enumerable.Repeat(text, int.Parse(count, CultureInfo.InvariantCulture))));
                    return true;
                case "exit":
                    _exit = int.Parse(value, CultureInfo.InvariantCulture);
                    return true;
                case "sleep":
                    time += TimeSpan.FromMilliseconds(int.Parse(value, CultureInfo.InvariantCulture));
                    _wake = time > limit ? time : null;
                    return time <= limit;
                case "echo_input":
                    return EchoInput();
                case "run":
                    return false;
                default:
                    return true;
            }
        }

        public ScriptState Running() => new(_output.ToArray(), _error.ToArray(), null, null, _wake);

        public ScriptState Exited(int code) => new(_output.ToArray(), _error.ToArray(), _exit ?? code, time, null);

        public ScriptState EndedBy(ScriptSignal signal, (int Code, string Text)? answer)
        {
            if (signal.Signal != CommandSignal.Kill && answer is var (code, text))
            {
                Write(_output, text);
                return new(_output.ToArray(), _error.ToArray(), code, signal.At, null);
            }

            return new(_output.ToArray(), _error.ToArray(), 128 + signal.Number, signal.At, null);
        }

        private bool EchoInput()
        {
            foreach (var input in inputs)
            {
                _output.AddRange(input.Data);
                if (input.Last)
                {
                    return true;
                }
            }

            return false;
        }

        private static void Write(List<byte> stream, string text) => stream.AddRange(Encoding.UTF8.GetBytes(text.Replace("\\n", "\n", StringComparison.Ordinal)));
    }
}

/// <summary>What a script has done.</summary>
/// <param name="Output">What it wrote to standard output.</param>
/// <param name="Error">What it wrote to standard error.</param>
/// <param name="ExitCode">Its exit code, if it has ended.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="NextAt">When it goes on by itself.</param>
internal sealed record ScriptState(byte[] Output, byte[] Error, int? ExitCode, DateTimeOffset? EndedAt, DateTimeOffset? NextAt);

/// <summary>A piece of input.</summary>
/// <param name="Data">The bytes.</param>
/// <param name="Last">Whether it is the last.</param>
internal sealed record ScriptInput(byte[] Data, bool Last);

/// <summary>A signal that was sent.</summary>
/// <param name="Signal">The signal.</param>
/// <param name="At">When.</param>
internal sealed record ScriptSignal(CommandSignal Signal, DateTimeOffset At)
{
    /// <summary>The number that Unix gives it.</summary>
    public int Number => Signal switch
    {
        CommandSignal.Hangup => 1,
        CommandSignal.Interrupt => 2,
        CommandSignal.Quit => 3,
        CommandSignal.Kill => 9,
        _ => 15,
    };
}
