namespace AgentPlatform.ServiceDefaults.Health;

/// <summary>Something that a service needs, and how to see whether it answers. Shown at <c>/internal/status</c>.</summary>
public interface IDependencyProbe
{
    /// <summary>Such as <c>postgres</c>.</summary>
    string Name { get; }

    /// <summary>Asks for something small, and throws if there is no good answer.</summary>
    /// <param name="cancellationToken">Cancelled when the answer is no longer waited for.</param>
    Task ProbeAsync(CancellationToken cancellationToken);
}
