namespace Aspire.Hosting;

/// <summary>What the app host was started for.</summary>
public enum DistributedApplicationOperation
{
    /// <summary>Start the resources on this machine.</summary>
    Run,

    /// <summary>Write what a deployment needs, and start nothing.</summary>
    Publish,
}

/// <summary>Tells application code whether the app host runs its resources or publishes them.</summary>
/// <param name="operation">What the app host was started for.</param>
public sealed class DistributedApplicationExecutionContext(DistributedApplicationOperation operation)
{
    /// <summary>What the app host was started for.</summary>
    public DistributedApplicationOperation Operation { get; } = operation;

    /// <summary>Whether resources are being started on this machine.</summary>
    public bool IsRunMode => Operation == DistributedApplicationOperation.Run;

    /// <summary>Whether a deployment is being described instead.</summary>
    public bool IsPublishMode => Operation == DistributedApplicationOperation.Publish;
}
