using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>
/// Watches, and may hold up, an app host that is run inside another process: a test calls its entry point on a thread of its
/// own and takes the builder and the application from here. It flows with the caller, so app hosts side by side stay apart.
/// </summary>
internal abstract class AppHostObserver
{
    private static readonly AsyncLocal<AppHostObserver?> Ambient = new();

    /// <summary>The observer of the app host that is being run by this caller.</summary>
    public static AppHostObserver? Current
    {
        get => Ambient.Value;
        set => Ambient.Value = value;
    }

    /// <summary>The builder is about to be made; its options may still be changed.</summary>
    public virtual void BuilderConstructing(DistributedApplicationOptions options, HostApplicationBuilderSettings settings)
    {
    }

    /// <summary>The builder exists and is empty.</summary>
    public virtual void BuilderConstructed(IDistributedApplicationBuilder builder)
    {
    }

    /// <summary>The app host has described its model and wants it built.</summary>
    public virtual void ApplicationBuilding(IDistributedApplicationBuilder builder)
    {
    }

    /// <summary>The application exists and has not been started.</summary>
    public virtual void ApplicationBuilt(DistributedApplication application)
    {
    }

    /// <summary>The app host wants its application run until it ends.</summary>
    /// <returns>What the app host waits for instead; null lets it run the application itself.</returns>
    public virtual Task? RunAsync(DistributedApplication application, CancellationToken cancellationToken) => null;
}
