using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting;

/// <summary>Says in the app host's log when the application starts and when it has started.</summary>
internal sealed partial class ApplicationLifecycle(IConfiguration configuration, ILogger<DistributedApplication> logger) : IHostedLifecycleService
{
    /// <summary>The version of Aspire whose contract the stand-ins keep.</summary>
    public const string ContractVersion = "13.5.2";

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        Log.VersionShown(logger, ContractVersion);
        Log.Starting(logger);
        Log.DirectoryShown(logger, configuration["AppHost:Directory"]);
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Log.Started(logger);
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static partial class Log
    {
        [LoggerMessage(8001, LogLevel.Information, "Aspire version: {Version} (its stand-in, see StandIns/README.md)")]
        public static partial void VersionShown(ILogger logger, string version);

        [LoggerMessage(8002, LogLevel.Information, "Distributed application starting.")]
        public static partial void Starting(ILogger logger);

        [LoggerMessage(8003, LogLevel.Information, "Application host directory is: {AppHostDirectory}")]
        public static partial void DirectoryShown(ILogger logger, string? appHostDirectory);

        [LoggerMessage(8004, LogLevel.Information, "Distributed application started. Press Ctrl+C to shut down.")]
        public static partial void Started(ILogger logger);
    }
}

internal static class AppHostLogging
{
    /// <summary>Keeps the app host's log to what a person at the console wants to read; configuration may say otherwise.</summary>
    public static IServiceCollection AddAppHostLogging(this IServiceCollection services)
    {
        services.Configure<ConsoleLifetimeOptions>(options => options.SuppressStatusMessages = true);
        services.AddLogging(logging => logging
            .AddFilter("Microsoft.Hosting.Lifetime", LogLevel.Warning)
            .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks.DefaultHealthCheckService", LogLevel.None)
            .AddFilter("Polly", LogLevel.Warning));
        return services;
    }
}
