using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Publishing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>A distributed application: started, it runs its resources until it is stopped; published, it writes what a deployment needs.</summary>
public sealed class DistributedApplication : IHost, IAsyncDisposable
{
    private readonly IHost _host;
    private readonly AppHostObserver? _observer;

    internal DistributedApplication(IHost host, AppHostObserver? observer)
    {
        _host = host;
        _observer = observer;
    }

    /// <summary>Services of the app host.</summary>
    public IServiceProvider Services => _host.Services;

    /// <summary>The states of the resources.</summary>
    public ResourceNotificationService ResourceNotifications => Services.GetRequiredService<ResourceNotificationService>();

    /// <summary>The commands of the resources, such as start and stop.</summary>
    public ResourceCommandService ResourceCommands => Services.GetRequiredService<ResourceCommandService>();

    /// <summary>Makes a builder for an application without a command line.</summary>
    /// <returns>The builder.</returns>
    public static IDistributedApplicationBuilder CreateBuilder() => CreateBuilder([]);

    /// <summary>Makes a builder.</summary>
    /// <param name="args">The command line.</param>
    /// <returns>The builder.</returns>
    public static IDistributedApplicationBuilder CreateBuilder(string[] args)
    {
        ArgumentNullException.ThrowIfNull(args);
        return CreateBuilder(new DistributedApplicationOptions { Args = args });
    }

    /// <summary>Makes a builder.</summary>
    /// <param name="options">The command line and other choices.</param>
    /// <returns>The builder.</returns>
    public static IDistributedApplicationBuilder CreateBuilder(DistributedApplicationOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new DistributedApplicationBuilder(options);
    }

    /// <summary>Starts the application and waits until it ends. What it cannot start is one line on the console and exit code 1.</summary>
    public void Run()
    {
        try
        {
            RunAsync().GetAwaiter().GetResult();
        }
        catch (DistributedApplicationException e) when (_observer is null)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            Environment.ExitCode = 1;
        }
    }

    /// <summary>Starts the application and waits until it ends; to be published, it is not started.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>A task that ends when everything has stopped.</returns>
    public Task RunAsync(CancellationToken cancellationToken = default) =>
        _observer?.RunAsync(this, cancellationToken)
        ?? (Services.GetService<ManifestPublisher>() is { } publisher
            ? PublishAsync(publisher, cancellationToken)
            : HostingAbstractionsHostExtensions.RunAsync(this, cancellationToken));

    /// <summary>Starts the application.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <returns>A task that ends when the start is under way; resources become healthy later.</returns>
    public Task StartAsync(CancellationToken cancellationToken = default) => _host.StartAsync(cancellationToken);

    /// <summary>Stops the application.</summary>
    /// <param name="cancellationToken">Ends the patience with which it is stopped.</param>
    /// <returns>A task that ends when everything has stopped.</returns>
    public Task StopAsync(CancellationToken cancellationToken = default) => _host.StopAsync(cancellationToken);

    /// <inheritdoc/>
    public void Dispose() => _host.Dispose();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // Resources are ended while the services that watch them still live; disposing alone would take those away first.
        await _host.StopAsync();
        await ((IAsyncDisposable)_host).DisposeAsync();
    }

    private async Task PublishAsync(ManifestPublisher publisher, CancellationToken cancellationToken)
    {
        await using (this)
        {
            await publisher.PublishAsync(cancellationToken);
        }
    }
}
