using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Hosts;

/// <summary>
/// Starts a command in an instance. It runs detached: no service's death ends it. The same id again starts nothing and is answered with the command as it is.
/// 201 if it was started, 200 if it was there.
/// </summary>
/// <param name="Id">The id, chosen by the caller.</param>
/// <param name="Generation">The fence of the caller's lease on the instance.</param>
/// <param name="Name">What people call it, such as <c>build</c>.</param>
/// <param name="Argv">The program and its arguments, as they are: no shell reads them.</param>
/// <param name="WorkingDirectory">Absolute; null for <see cref="InstancePaths.Workspace"/>.</param>
/// <param name="Environment">Variables beside <c>PATH</c>, <c>HOME</c>, <c>LANG</c> and, in setup, the proxy's.</param>
/// <param name="Secrets">Variables whose values are secret: they are in the command's environment and nowhere else.</param>
/// <param name="Input">Whether <see cref="WriteInputRequest"/>s will come. Without, the command reads the end of its input at once.</param>
/// <param name="MergeOutput">Whether standard error goes to standard output, in the order in which it was written.</param>
/// <param name="OutputBytesMax">What is kept of each stream's beginning; null for the host's default.</param>
/// <param name="TimeoutSeconds">When it is stopped; null for the instance's life.</param>
public sealed record StartCommandRequest(
    CommandId Id,
    long Generation,
    string Name,
    IReadOnlyList<string> Argv,
    string? WorkingDirectory = null,
    IReadOnlyDictionary<string, string>? Environment = null,
    IReadOnlyDictionary<string, SecretText>? Secrets = null,
    bool Input = false,
    bool MergeOutput = false,
    long? OutputBytesMax = null,
    int? TimeoutSeconds = null);

/// <summary>Whether a command runs.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CommandState>))]
public enum CommandState
{
    /// <summary>It runs, or is about to.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>It has ended; <see cref="HostCommand.End"/> says how.</summary>
    [JsonStringEnumMemberName("ended")]
    Ended,
}

/// <summary>How a command ended.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CommandEnd>))]
public enum CommandEnd
{
    /// <summary>By itself; the exit code is its own. 128 + n where signal n ended it.</summary>
    [JsonStringEnumMemberName("exited")]
    Exited,

    /// <summary>Somebody stopped it, or its instance.</summary>
    [JsonStringEnumMemberName("stopped")]
    Stopped,

    /// <summary>Its time was over.</summary>
    [JsonStringEnumMemberName("timed_out")]
    TimedOut,

    /// <summary>The instance's memory was used up and the kernel ended it.</summary>
    [JsonStringEnumMemberName("out_of_memory")]
    OutOfMemory,

    /// <summary>The program could not be started, for example because it does not exist.</summary>
    [JsonStringEnumMemberName("not_started")]
    NotStarted,

    /// <summary>It is gone and nobody saw how, for example with a machine that was switched off.</summary>
    [JsonStringEnumMemberName("lost")]
    Lost,
}

/// <summary>The two output streams.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<OutputStream>))]
public enum OutputStream
{
    /// <summary>Standard output; with <see cref="StartCommandRequest.MergeOutput"/> both.</summary>
    [JsonStringEnumMemberName("stdout")]
    StandardOutput,

    /// <summary>Standard error.</summary>
    [JsonStringEnumMemberName("stderr")]
    StandardError,
}

/// <summary>A command.</summary>
/// <param name="Id">The command.</param>
/// <param name="Instance">Where it runs.</param>
/// <param name="Name">What people call it.</param>
/// <param name="State">Whether it runs.</param>
/// <param name="End">How it ended; null while it runs.</param>
/// <param name="ExitCode">Its exit code; null while it runs, and where nobody saw one.</param>
/// <param name="StartedAt">When it was started, by the host's clock.</param>
/// <param name="EndedAt">When its end was seen.</param>
/// <param name="OutputBytes">Bytes of standard output that can be read.</param>
/// <param name="ErrorBytes">Bytes of standard error that can be read.</param>
/// <param name="InputNumber">The number of the last accepted input; 0 if there was none.</param>
public sealed record HostCommand(
    CommandId Id,
    InstanceId Instance,
    string Name,
    CommandState State,
    CommandEnd? End,
    int? ExitCode,
    DateTimeOffset StartedAt,
    DateTimeOffset? EndedAt,
    long OutputBytes,
    long ErrorBytes,
    long InputNumber);

/// <summary>
/// Writes to a command's standard input, exactly once: a number that was accepted before is ignored, one that is not the next is refused
/// (<see cref="HostProblemCodes.InputGap"/>).
/// </summary>
/// <param name="Generation">The fence of the caller's lease on the instance.</param>
/// <param name="Number">1 for the first write, and one more for each that follows.</param>
/// <param name="Data">The bytes, base64 in JSON; at most <see cref="HostLimits.InputBytesMax"/>. May be empty.</param>
/// <param name="End">Whether this is the last: the command reads the end of its input after it.</param>
public sealed record WriteInputRequest(long Generation, long Number, byte[] Data, bool End = false);

/// <summary>Where a command's input stands.</summary>
/// <param name="InputNumber">The number of the last accepted write.</param>
public sealed record WriteInputReply(long InputNumber);

/// <summary>The signals that can be sent.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CommandSignal>))]
public enum CommandSignal
{
    /// <summary>As Ctrl-C does.</summary>
    [JsonStringEnumMemberName("interrupt")]
    Interrupt,

    /// <summary>A request to end.</summary>
    [JsonStringEnumMemberName("terminate")]
    Terminate,

    /// <summary>The terminal is gone.</summary>
    [JsonStringEnumMemberName("hangup")]
    Hangup,

    /// <summary>As Ctrl-\ does: many runtimes print their state.</summary>
    [JsonStringEnumMemberName("quit")]
    Quit,

    /// <summary>The end of the whole process tree, at once.</summary>
    [JsonStringEnumMemberName("kill")]
    Kill,
}

/// <summary>Sends a signal to a command's process group. A command that has ended is left as it is.</summary>
/// <param name="Generation">The fence of the caller's lease on the instance.</param>
/// <param name="Signal">The signal.</param>
public sealed record SignalCommandRequest(long Generation, CommandSignal Signal);

/// <summary>Ends a command: asks it to, and after the grace ends its whole process tree. Answered when it has ended.</summary>
/// <param name="Generation">The fence of the caller's lease on the instance.</param>
/// <param name="GraceSeconds">How long it has to end by itself; null for the host's default.</param>
public sealed record StopCommandRequest(long Generation, int? GraceSeconds = null);
