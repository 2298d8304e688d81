using Microsoft.Extensions.Logging;

namespace AgentPlatform.Tests.Fakes;

/// <summary>A log provider that keeps every message, and can be waited on for one.</summary>
public sealed class CapturedLog : ILoggerProvider
{
    private readonly Lock _lock = new();
    private readonly List<string> _messages = [];
    private TaskCompletionSource _added = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>All messages so far, as they would be shown.</summary>
    public IReadOnlyList<string> Messages
    {
        get
        {
            lock (_lock)
            {
                return [.. _messages];
            }
        }
    }

    /// <summary>Waits for a message; the token is the deadline.</summary>
    public async Task<string> WaitForAsync(Predicate<string> fits, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task added;
            lock (_lock)
            {
                if (_messages.Find(fits) is { } found)
                {
                    return found;
                }

                added = _added.Task;
            }

            await added.WaitAsync(cancellationToken);
        }
    }

    public ILogger CreateLogger(string categoryName) => new Logger(this);

    public void Dispose()
    {
        // Nothing is held open.
    }

    private void Add(string message)
    {
        TaskCompletionSource added;
        lock (_lock)
        {
            _messages.Add(message);
            added = _added;
            _added = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        added.SetResult();
    }

    private sealed class Logger(CapturedLog log) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            log.Add(formatter(state, exception));
    }
}
