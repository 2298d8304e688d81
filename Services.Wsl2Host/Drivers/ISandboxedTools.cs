using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Drivers;

/// <summary>
/// Runs programs that the host itself needs on what it does not trust: each in a sandbox like a command's, as a user of its own, with nothing but the
/// directories and the one network address that it is given. They end with the host.
/// </summary>
internal interface ISandboxedTools
{
    /// <summary>The user whose files they write.</summary>
    uint User { get; }

    /// <summary>Runs a script to its end.</summary>
    Task<ToolResult> RunAsync(ToolSpec tool, CancellationToken cancellationToken);
}

/// <summary>A script to run.</summary>
/// <param name="Name">For logs.</param>
/// <param name="Script">Text for <c>/bin/sh</c>. It is fixed; what varies is an argument.</param>
/// <param name="Arguments">Its positional parameters.</param>
/// <param name="Environment">Its variables.</param>
/// <param name="Secrets">Variables that are secret.</param>
/// <param name="Binds">The directories that it sees.</param>
/// <param name="Peer">The one address that it reaches; null for none.</param>
/// <param name="Timeout">When it is ended.</param>
internal sealed record ToolSpec(
    string Name,
    string Script,
    IReadOnlyList<string> Arguments,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyDictionary<string, SecretText> Secrets,
    IReadOnlyList<ToolBind> Binds,
    ToolPeer? Peer,
    TimeSpan Timeout);

/// <summary>A directory that a tool sees.</summary>
/// <param name="Source">Where it is.</param>
/// <param name="Target">Where the tool sees it.</param>
/// <param name="ReadOnly">Whether it only reads.</param>
internal readonly record struct ToolBind(string Source, string Target, bool ReadOnly);

/// <summary>The one address that a tool reaches. It calls it by its own name, so that TLS goes from end to end.</summary>
/// <param name="Host">The host name or address.</param>
/// <param name="Port">The port.</param>
internal sealed record ToolPeer(string Host, int Port);

/// <summary>How a tool ended.</summary>
/// <param name="ExitCode">Its exit code; null if it was ended because its time was over.</param>
/// <param name="Output">The beginning of its standard output.</param>
/// <param name="Error">The beginning of its standard error.</param>
internal sealed record ToolResult(int? ExitCode, string Output, string Error);
