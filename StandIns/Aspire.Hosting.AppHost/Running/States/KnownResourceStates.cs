namespace Aspire.Hosting.ApplicationModel;

/// <summary>The states that Aspire itself gives to resources.</summary>
public static class KnownResourceStates
{
    /// <summary>The instance is being started.</summary>
    public static readonly string Starting = nameof(Starting);

    /// <summary>The process runs; health is told apart.</summary>
    public static readonly string Running = nameof(Running);

    /// <summary>The instance could not be started.</summary>
    public static readonly string FailedToStart = nameof(FailedToStart);

    /// <summary>What the instance runs on is not in order, for instance a container engine.</summary>
    public static readonly string RuntimeUnhealthy = nameof(RuntimeUnhealthy);

    /// <summary>The instance has been asked to end.</summary>
    public static readonly string Stopping = nameof(Stopping);

    /// <summary>The process ended with an error, or because it was stopped.</summary>
    public static readonly string Exited = nameof(Exited);

    /// <summary>The process ended by itself, with exit code 0.</summary>
    public static readonly string Finished = nameof(Finished);

    /// <summary>The instance starts once what it depends on is there.</summary>
    public static readonly string Waiting = nameof(Waiting);

    /// <summary>The instance is started by a person.</summary>
    public static readonly string NotStarted = nameof(NotStarted);

    /// <summary>A parameter has no value.</summary>
    public static readonly string ValueMissing = nameof(ValueMissing);

    /// <summary>The resource has no life of its own and is at hand.</summary>
    public static readonly string Active = nameof(Active);

    /// <summary>The states from which an instance leaves only by being started again.</summary>
    public static readonly IReadOnlyList<string> TerminalStates = [Finished, FailedToStart, Exited];
}

/// <summary>How states are shown.</summary>
public static class KnownResourceStateStyles
{
    /// <summary>All is well.</summary>
    public static readonly string Success = "success";

    /// <summary>Something failed.</summary>
    public static readonly string Error = "error";

    /// <summary>Neither good nor bad.</summary>
    public static readonly string Info = "info";

    /// <summary>Something needs attention.</summary>
    public static readonly string Warn = "warning";
}
