using System.Text.Json.Serialization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Drivers.Files;

/// <summary>What is written down of a command before it is started. Values of variables are not: the secret ones must not be, the others need not.</summary>
/// <param name="Version">1.</param>
/// <param name="Id">The command.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Argv">Program and arguments.</param>
/// <param name="Variables">The names of its variables.</param>
/// <param name="Secrets">The names of its secret variables.</param>
/// <param name="Input">Whether it takes input.</param>
/// <param name="MergeOutput">Whether its standard error goes to standard output.</param>
/// <param name="StartedAt">When it was written.</param>
/// <param name="OutOfMemoryKills">How many processes the instance had lost to lack of memory by then.</param>
/// <param name="Timeout">When it is to be stopped; null for never.</param>
/// <param name="Traceparent">The trace that the start belongs to.</param>
internal sealed record CommandHandle(
    int Version,
    CommandId Id,
    string Name,
    IReadOnlyList<string> Argv,
    IReadOnlyList<string> Variables,
    IReadOnlyList<string> Secrets,
    bool Input,
    bool MergeOutput,
    DateTimeOffset StartedAt,
    long OutOfMemoryKills,
    TimeSpan? Timeout,
    string? Traceparent)
{
    /// <summary>The version that this build writes.</summary>
    public const int CurrentVersion = 1;

    /// <summary>For a command about to start.</summary>
    public static CommandHandle Of(CommandSpec command, DateTimeOffset now, long outOfMemoryKills) => new(
        CurrentVersion,
        command.Id,
        command.Name,
        command.Argv,
        [.. command.Environment.Keys],
        [.. command.Secrets.Keys],
        command.Input,
        command.MergeOutput,
        now,
        outOfMemoryKills,
        command.Timeout,
        command.Traceparent);
}

/// <summary>How a command ended.</summary>
/// <param name="End">How.</param>
/// <param name="ExitCode">Its exit code, where one was seen.</param>
/// <param name="EndedAt">When.</param>
internal sealed record CommandResult(CommandEnd End, int? ExitCode, DateTimeOffset EndedAt);

/// <summary>Generated JSON code for what is written down.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(CommandHandle))]
[JsonSerializable(typeof(CommandResult))]
internal sealed partial class HandleJsonContext : JsonSerializerContext;
