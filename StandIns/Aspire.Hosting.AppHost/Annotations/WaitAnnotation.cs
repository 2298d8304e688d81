namespace Aspire.Hosting.ApplicationModel;

/// <summary>What waiting does when the dependency can no longer become available.</summary>
public enum WaitBehavior
{
    /// <summary>Waits on: somebody may start the dependency again. The default with the dashboard.</summary>
    WaitOnResourceUnavailable,

    /// <summary>Fails. The default without the dashboard.</summary>
    StopOnResourceUnavailable,
}

/// <summary>What is waited for.</summary>
internal enum WaitType
{
    /// <summary>Running, healthy and ready.</summary>
    Healthy,

    /// <summary>Running.</summary>
    Started,

    /// <summary>Ended, with the right exit code.</summary>
    Completed,
}

internal sealed class WaitAnnotation(IResource resource, WaitType waitType, int exitCode = 0) : IResourceAnnotation
{
    public IResource Resource { get; } = resource;

    public WaitType WaitType { get; } = waitType;

    public int ExitCode { get; } = exitCode;

    /// <summary>Null leaves the choice to the application.</summary>
    public WaitBehavior? WaitBehavior { get; init; }
}
