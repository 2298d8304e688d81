using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Aspire.Hosting.Running;
using Aspire.Hosting.Running.Logs;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Keeps the console output of the resources, together with what the app host has to say about each.</summary>
public sealed class ResourceLoggerService
{
    private readonly ConcurrentDictionary<string, ConsoleLog> _logs = new(StringComparer.OrdinalIgnoreCase);
    private readonly TimeProvider _time;
    private readonly ConsoleForwarder _forwarder;
    private readonly DistributedApplicationModel _model;

    internal ResourceLoggerService(DistributedApplicationModel model, TimeProvider time, ConsoleForwarder forwarder)
    {
        _model = model;
        _time = time;
        _forwarder = forwarder;
    }

    /// <summary>A logger whose messages join the console output of a resource.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The logger.</returns>
    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return GetLogger(resource.Name);
    }

    /// <summary>A logger whose messages join the console output of a resource.</summary>
    /// <param name="resourceName">The resource's name, or one instance of it.</param>
    /// <returns>The logger.</returns>
    public ILogger GetLogger(string resourceName) => new ConsoleLogger(this, Instances(resourceName));

    /// <summary>The lines that are kept, and those that follow.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The lines, in batches.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return WatchAsync(resource.Name);
    }

    /// <summary>The lines that are kept, and those that follow.</summary>
    /// <param name="resourceName">The resource's name, or one instance of it.</param>
    /// <returns>The lines, in batches.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => ReadAsync(resourceName, follow: true);

    /// <summary>The lines that are kept.</summary>
    /// <param name="resourceName">The resource's name, or one instance of it.</param>
    /// <returns>The lines, in batches.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> GetAllAsync(string resourceName) => ReadAsync(resourceName, follow: false);

    /// <summary>Adds a line that the resource wrote.</summary>
    internal void Append(string resourceId, string text, bool isError)
    {
        var line = Log(resourceId).Append(text, isError);
        _forwarder.Forward(resourceId, line);
    }

    /// <summary>The output of one instance.</summary>
    internal ConsoleLog Log(string resourceId) => _logs.GetOrAdd(resourceId, _ => new ConsoleLog(_time));

    /// <summary>The instances of a resource; an instance stands for itself.</summary>
    private IReadOnlyList<string> Instances(string name) =>
        _model.Resources.FirstOrDefault(resource => string.Equals(resource.Name, name, StringComparison.OrdinalIgnoreCase))?.InstanceIds() ?? [name];

    private async IAsyncEnumerable<IReadOnlyList<LogLine>> ReadAsync(
        string resourceName, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var logs = Instances(resourceName).Select(Log).ToList();
        var batches = logs.Count == 1 ? logs[0].ReadAsync(follow, cancellationToken) : ConsoleLog.ReadAllAsync(logs, follow, cancellationToken);
        await foreach (var batch in batches)
        {
            yield return [.. batch.Select(line => line.ToLogLine())];
        }
    }

    private sealed class ConsoleLogger(ResourceLoggerService service, IReadOnlyList<string> instances) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Information && logLevel != LogLevel.None;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                foreach (var line in formatter(state, exception).Split('\n'))
                {
                    foreach (var instance in instances)
                    {
                        service.Append(instance, line.TrimEnd('\r'), logLevel >= LogLevel.Error);
                    }
                }
            }
        }
    }
}
