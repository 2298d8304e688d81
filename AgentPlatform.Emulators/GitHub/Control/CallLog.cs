using AgentPlatform.Emulators.Control;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>A call as it was answered. It holds no header and no body, hence no token.</summary>
/// <param name="Caller">Whose budget it used, such as <c>installation 52000001</c>.</param>
/// <param name="Status">Zero when the connection was broken on purpose.</param>
internal sealed record CallRecord(DateTimeOffset At, string Method, string Path, int Status, string Caller, double Milliseconds,
    string? Fault);

/// <summary>The last calls of GitHub's API.</summary>
internal sealed class CallLog(IOptions<GitHubOptions> options) : LastCalls<CallRecord>(options.Value.CallsMax);
