using System.Collections.Concurrent;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.Tests.StandIns.Running;

/// <summary>An application of one test, with its app host's log, ended with the test.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    /// <summary>Longer than anything here takes, also on a busy machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly CancellationTokenSource _deadline = new(Patience);
    private readonly LogRecorder _log;

    private TestApp(DistributedApplication app, LogRecorder log)
    {
        App = app;
        _log = log;
    }

    public DistributedApplication App { get; }

    public ResourceNotificationService States => App.ResourceNotifications;

    public CancellationToken Deadline => _deadline.Token;

    /// <summary>What the app host has logged so far.</summary>
    public string Log => string.Join('\n', _log.Messages);

    /// <summary>A builder without dashboard, on random ports, with temporary data.</summary>
    public static IDistributedApplicationBuilder NewBuilder(params string[] args) =>
        DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            // The sample app host's build wrote down where the sample service was built to.
            AssemblyName = typeof(Projects.Sample_AppHost).Assembly.GetName().Name,
            Args = ["DcpPublisher:RandomizePorts=true", .. args],
            DisableDashboard = true,
        });

    /// <summary>Builds and starts an application.</summary>
    public static async Task<TestApp> StartAsync(IDistributedApplicationBuilder builder)
    {
        var log = new LogRecorder();
        builder.Services.AddSingleton<ILoggerProvider>(log);
        var app = new TestApp(builder.Build(), log);
        try
        {
            await app.App.StartAsync(app.Deadline);
            return app;
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts an application that a test has described.</summary>
    public static Task<TestApp> StartAsync(Action<IDistributedApplicationBuilder> describe)
    {
        var builder = NewBuilder();
        describe(builder);
        return StartAsync(builder);
    }

    /// <summary>Waits for a state of a resource.</summary>
    public Task<ResourceEvent> UntilAsync(string resource, string state) =>
        States.WaitForResourceAsync(resource, change => change.Snapshot.State?.Text == state, Deadline);

    /// <summary>The process id of a running resource.</summary>
    public static int ProcessId(ResourceEvent change) =>
        Assert.IsType<int>(change.Snapshot.Properties.Single(property => property.Name == "executable.pid").Value);

    /// <summary>The first line of a resource's console log that satisfies a condition.</summary>
    public async Task<LogLine> LineAsync(string resource, Func<string, bool> condition)
    {
        var loggers = App.Services.GetRequiredService<ResourceLoggerService>();
        var resources = App.Services.GetRequiredService<DistributedApplicationModel>().Resources;
        await foreach (var batch in loggers.WatchAsync(resources.Single(r => r.Name == resource)).WithCancellation(Deadline))
        {
            if (batch.FirstOrDefault(line => condition(line.Content)) is { LineNumber: > 0 } found)
            {
                return found;
            }
        }

        throw new InvalidOperationException("The log ended.");
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        _deadline.Dispose();
    }

    private sealed class LogRecorder : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Messages { get; } = new();

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Messages.Enqueue(formatter(state, exception));

        public void Dispose()
        {
        }
    }
}
