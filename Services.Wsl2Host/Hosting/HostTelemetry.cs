using System.Diagnostics;

namespace Services.Wsl2Host.Hosting;

/// <summary>This host's spans.</summary>
internal static class HostTelemetry
{
    /// <summary>The source of them all.</summary>
    public static readonly ActivitySource Source = new("AgentPlatform.Wsl2Host");

    public const string InstanceTag = "agentplatform.instance.id";
    public const string CommandTag = "agentplatform.command.id";
    public const string CommandNameTag = "agentplatform.command.name";
    public const string ExitCodeTag = "process.exit.code";
    public const string EndTag = "agentplatform.command.end";

    /// <summary>A span inside the caller's trace that does not become current: it may outlive the call.</summary>
    /// <param name="name">What happens.</param>
    /// <param name="traceparent">The caller's trace; null for none.</param>
    /// <param name="startedAt">When it began, if not now.</param>
    public static Activity? StartDetached(string name, string? traceparent, DateTimeOffset startedAt = default)
    {
        var current = Activity.Current;
        try
        {
            Activity.Current = null;
            ActivityContext.TryParse(traceparent, null, isRemote: true, out var parent);
            return Source.StartActivity(name, ActivityKind.Internal, parent, startTime: startedAt);
        }
        finally
        {
            Activity.Current = current;
        }
    }
}
