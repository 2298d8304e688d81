using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Drivers;

/// <summary>An instance to make.</summary>
/// <param name="Id">The instance.</param>
/// <param name="MemoryBytes">Memory of everything in it, its disk included.</param>
/// <param name="CpuMillis">Thousandths of one processor.</param>
/// <param name="ProcessesMax">Processes and threads.</param>
/// <param name="DiskBytes">Workspace changes, home and temporary files together.</param>
internal sealed record InstanceSpec(InstanceId Id, long MemoryBytes, int CpuMillis, int ProcessesMax, long DiskBytes);

/// <summary>A checkout to lay under a workspace.</summary>
/// <param name="Tree">Its directory. It is shared and stays as it is.</param>
/// <param name="Objects">The object store that its repository borrows from; seen at <see cref="ObjectsPath"/>.</param>
internal sealed record CheckoutMount(string Tree, string? Objects)
{
    /// <summary>Where, inside an instance, the borrowed object store is.</summary>
    public const string ObjectsPath = "/var/lib/agentplatform/objects";
}

/// <summary>A command to start.</summary>
/// <param name="Id">The command.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Argv">Program and arguments.</param>
/// <param name="WorkingDirectory">Inside the instance.</param>
/// <param name="Environment">All variables, those of the platform included.</param>
/// <param name="Secrets">Variables whose values must reach no file and no argument list.</param>
/// <param name="Input">Whether input will be written.</param>
/// <param name="MergeOutput">Whether standard error goes to standard output.</param>
/// <param name="HeadBytesMax">What is kept of the beginning of each stream.</param>
/// <param name="TailBytesMax">What is kept of the end of a stream that is longer.</param>
/// <param name="Timeout">When it is to be stopped; null for never. Kept with the command; the driver itself does not act on it.</param>
/// <param name="Traceparent">The trace that the start belongs to.</param>
internal sealed record CommandSpec(
    CommandId Id,
    string Name,
    IReadOnlyList<string> Argv,
    string WorkingDirectory,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyDictionary<string, SecretText> Secrets,
    bool Input,
    bool MergeOutput,
    long HeadBytesMax,
    long TailBytesMax,
    TimeSpan? Timeout = null,
    string? Traceparent = null);

/// <summary>A command as a driver sees it.</summary>
/// <param name="Id">The command.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Argv">Program and arguments, to recognise a repeated start.</param>
/// <param name="End">How it ended; null while it runs.</param>
/// <param name="ExitCode">Its exit code, where one was seen.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="EndedAt">When its end was seen.</param>
/// <param name="OutputBytes">Bytes of standard output that can be read.</param>
/// <param name="ErrorBytes">Bytes of standard error that can be read.</param>
/// <param name="InputNumber">The last accepted input.</param>
/// <param name="Timeout">When it is to be stopped.</param>
/// <param name="Traceparent">The trace that its start belongs to.</param>
internal sealed record CommandStatus(
    CommandId Id,
    string Name,
    IReadOnlyList<string> Argv,
    CommandEnd? End,
    int? ExitCode,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    long OutputBytes,
    long ErrorBytes,
    long InputNumber,
    TimeSpan? Timeout,
    string? Traceparent);

/// <summary>A page of output.</summary>
/// <param name="Bytes">The bytes from the asked offset on; empty if there are none yet.</param>
/// <param name="NextOffset">The offset to ask for next.</param>
/// <param name="End">Whether nothing will follow.</param>
/// <param name="Truncated">Whether the command wrote more than is kept.</param>
internal sealed record OutputPage(ReadOnlyMemory<byte> Bytes, long NextOffset, bool End, bool Truncated);
