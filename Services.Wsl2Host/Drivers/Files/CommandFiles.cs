using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Drivers.Files;

/// <summary>The files of one command.</summary>
/// <param name="directory">Its own directory, which lives as long as the machine is up.</param>
/// <param name="spool">The beginning of the names of its output files.</param>
internal sealed class CommandFiles(string directory, string spool)
{
    private const string HandleName = "command.json";

    public string Directory => directory;

    public string Spool => spool;

    /// <summary>The handle, written before anything is started.</summary>
    public string Handle => Path.Combine(directory, HandleName);

    /// <summary>There from the moment in which the launcher begins: a second launcher finds it and goes.</summary>
    public string Began => Path.Combine(directory, "began");

    /// <summary>Which process the launcher is, for a host that comes before it has begun.</summary>
    public string Launcher => Path.Combine(directory, "launcher");

    /// <summary>There when the launcher came to its end by itself.</summary>
    public string Finished => Path.Combine(directory, "finished");

    /// <summary>What the sandbox reports: the process, and later its exit code.</summary>
    public string Status => Path.Combine(directory, "status");

    /// <summary>Why the command was asked to end, if it was.</summary>
    public string Ending => Path.Combine(directory, "ending");

    /// <summary>The result.</summary>
    public string Result => Path.Combine(directory, "result.json");

    /// <summary>What was written to its input; see <see cref="InputFiles"/>.</summary>
    public string Inputs => Path.Combine(directory, "inputs");

    /// <summary>Its standard input, as a FIFO, if it takes any.</summary>
    public string InputFifo => Path.Combine(directory, "stdin");

    /// <summary>The FIFO that a byte is written to when there is a new input.</summary>
    public string InputBell => Path.Combine(directory, "bell");

    /// <summary>What the launcher itself had to say.</summary>
    public string Log => Path.Combine(directory, "launcher.log");

    public string StandardOutput => $"{spool}.out";

    public string StandardError => $"{spool}.err";

    public string Of(OutputStream stream) => stream == OutputStream.StandardOutput ? StandardOutput : StandardError;

    /// <summary>The kept ending of a stream that was too long. It is complete when the command has ended.</summary>
    public static string Tail(string stream) => $"{stream}.tail";

    public CommandHandle? ReadHandle() =>
        HandleFile.Read(Handle, HandleJsonContext.Default.CommandHandle) is { Version: CommandHandle.CurrentVersion } handle ? handle : null;

    public void Write(CommandHandle handle) => HandleFile.Write(Handle, handle, HandleJsonContext.Default.CommandHandle);

    public CommandResult? ReadResult() => HandleFile.Read(Result, HandleJsonContext.Default.CommandResult);

    public void Write(CommandResult result) => HandleFile.Write(Result, result, HandleJsonContext.Default.CommandResult);

    /// <summary>Notes why the command is about to be ended. The first note stays.</summary>
    public void NoteEnding(CommandEnd reason)
    {
        if (!File.Exists(Ending))
        {
            File.WriteAllText(Ending, reason.ToString());
        }
    }

    /// <summary>Why the command was asked to end; null if it was not.</summary>
    public CommandEnd? ReadEnding() => File.Exists(Ending) && Enum.TryParse<CommandEnd>(File.ReadAllText(Ending), out var reason) ? reason : null;

    /// <summary>The commands that have a directory below one.</summary>
    public static IEnumerable<CommandId> List(string commands) => System.IO.Directory.Exists(commands)
        ? System.IO.Directory.EnumerateDirectories(commands)
            .Select(path => CommandId.TryParse(Path.GetFileName(path), null, out var id) ? id : (CommandId?)null)
            .OfType<CommandId>()
        : [];
}
