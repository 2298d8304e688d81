namespace Aspire.Hosting.Running.Processes;

/// <summary>How a program is asked to end before it is made to.</summary>
internal enum StopSignal
{
    /// <summary>SIGTERM: what almost every program understands.</summary>
    Terminate,

    /// <summary>SIGINT: Postgres' fast shutdown, where SIGTERM would wait for clients to leave.</summary>
    Interrupt,
}

/// <summary>Everything needed to start one program. The environment is complete: nothing is inherited beside it.</summary>
/// <param name="FileName">Absolute path of the program.</param>
/// <param name="Arguments">Arguments after the program's name.</param>
/// <param name="Environment">The whole environment of the program.</param>
/// <param name="WorkingDirectory">An existing directory.</param>
internal sealed record ProcessSpec(
    string FileName,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    string WorkingDirectory)
{
    /// <summary>Written to standard input, which is then closed; without it the program reads end of file.</summary>
    public string? Input { get; init; }

    /// <summary>How the program is asked to end.</summary>
    public StopSignal StopSignal { get; init; }
}
