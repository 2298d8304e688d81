using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.AppHost;

/// <summary>
/// A file that is locked for as long as this app host lives. Whoever is to end with it, but not with a process in between that may be started again,
/// waits for that lock: the system lets go of it however the app host ends.
/// </summary>
internal sealed class Presence : IHostedService, IDisposable
{
    private readonly FileStream _file;

    private Presence(string path) => _file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);

    /// <summary>Shows presence from before the first resource starts until the first one is stopped.</summary>
    /// <returns>The file.</returns>
    public static string Show(IDistributedApplicationBuilder builder)
    {
        var path = Path.Combine(Path.GetTempPath(), $"agentplatform-apphost-{Environment.ProcessId}-{Guid.NewGuid():N}");
        builder.Services.AddHostedService(_ => new Presence(path));
        return path;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Services are stopped in the reverse of the order in which they were added, so this is before the resources are.</summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();
}
