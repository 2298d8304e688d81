using System.Diagnostics;
using System.Net;
using System.Threading.Channels;

namespace StackExchange.Redis.Connections;

/// <summary>
/// A connection that comes back: sessions one after another, with growing pauses between attempts. Commands wait for a session; those whose
/// reply is lost with one fail, and are not repeated.
/// </summary>
internal sealed class Link : IAsyncDisposable
{
    private const int PendingMax = 64 * 1024;
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(2);

    private readonly Channel<PendingCommand> _commands =
        Channel.CreateBounded<PendingCommand>(new BoundedChannelOptions(PendingMax) { SingleReader = true });

    private readonly TaskCompletionSource<RedisConnectionException?> _firstOutcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _closing = new();
    private readonly ConfigurationOptions _options;
    private readonly ILinkOwner _owner;
    private readonly Task _running;
    private RedisConnectionException? _lastFailure;

    public Link(ConfigurationOptions options, ConnectionType type, ILinkOwner owner)
    {
        _options = options;
        _owner = owner;
        Type = type;
        EndPoint = options.EndPoints[0];

        // The link lives longer than the request that happens to need it first, whose trace it must not carry on.
        using (ExecutionContext.SuppressFlow())
        {
            _running = Task.Run(RunAsync);
        }
    }

    public ConnectionType Type { get; }

    /// <summary>The address of the present or last session.</summary>
    public EndPoint EndPoint { get; private set; }

    public bool IsConnected { get; private set; }

    /// <summary>What the first attempts came to: null for a session, else why there is none yet.</summary>
    public Task<RedisConnectionException?> FirstOutcome => _firstOutcome.Task;

    public void Send(PendingCommand command)
    {
        if (!_commands.Writer.TryWrite(command))
        {
            ObjectDisposedException.ThrowIf(_closing.IsCancellationRequested, typeof(ConnectionMultiplexer));
            throw new RedisConnectionException(
                ConnectionFailureType.UnableToConnect,
                $"{PendingMax} commands are waiting for the server already.",
                _lastFailure,
                CommandStatus.WaitingInBacklog);
        }
    }

    /// <summary>Says why a command got no answer in time.</summary>
    public Exception TimedOut(PendingCommand command, TimeSpan patience) => command.SentAt == 0 && !IsConnected
        ? new RedisConnectionException(
            ConnectionFailureType.UnableToConnect,
            $"{command.Name} was not sent within {patience}: there is no connection to {EndPointCollection.Format(EndPoint)}.",
            _lastFailure,
            CommandStatus.WaitingInBacklog)
        : new RedisTimeoutException(
            $"{command.Name} got no answer within {patience}.", command.SentAt == 0 ? CommandStatus.WaitingToBeSent : CommandStatus.Sent);

    public async ValueTask DisposeAsync()
    {
        // Without a dispose of its own, which a second call would meet: it holds no timer and no handle.
        await _closing.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task RunAsync()
    {
        for (var failures = 0; !_closing.IsCancellationRequested;)
        {
            try
            {
                using var session = await OpenAsync(failures).ConfigureAwait(false);
                failures = await ServeAsync(session).ConfigureAwait(false) ? 0 : failures + 1;
            }
            catch (RedisConnectionException failure)
            {
                _lastFailure = failure;
                failures++;
            }

            IsConnected = false;
            if (!_closing.IsCancellationRequested)
            {
                if (failures > (_options.AbortOnConnectFail ? _options.ConnectRetry : 0))
                {
                    _firstOutcome.TrySetResult(_lastFailure);
                }

                _owner.OnFailed(this, _lastFailure!);
                await Task.Delay(PauseAfter(failures), _closing.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        FailWaiting();
    }

    /// <summary>Serves until the session ends; tells whether it lasted long enough to count as a success.</summary>
    private async Task<bool> ServeAsync(Session session)
    {
        var opened = Stopwatch.GetTimestamp();
        (IsConnected, EndPoint) = (true, session.EndPoint);
        if (_lastFailure is not null)
        {
            _owner.OnRestored(this);
        }

        _lastFailure = null;
        _firstOutcome.TrySetResult(null);
        _lastFailure = await session.ServeAsync(
            _commands, _owner.FirstCommands(this), reply => _owner.TakePush(this, reply), _closing.Token).ConfigureAwait(false);
        return Stopwatch.GetElapsedTime(opened) > PauseMax;
    }

    private async Task<Session> OpenAsync(int attempt)
    {
        var endPoint = _options.EndPoints[attempt % _options.EndPoints.Count];
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        deadline.CancelAfter(_options.ConnectTimeout);
        try
        {
            return await Session.OpenAsync(endPoint, _options, deadline.Token).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is not RedisConnectionException)
        {
            throw new RedisConnectionException(
                ConnectionFailureType.UnableToConnect, $"No connection to {EndPointCollection.Format(endPoint)} could be made: {failure.Message}", failure);
        }
    }

    // At once the first time, then with doubled pauses; the jitter keeps many clients from coming back in step.
    private static TimeSpan PauseAfter(int failures) => failures == 0
        ? TimeSpan.Zero
        : TimeSpan.FromTicks(Math.Min(PauseMax.Ticks, PauseMin.Ticks << Math.Min(failures - 1, 16))) * (0.5 + (Random.Shared.NextDouble() / 2));

    private void FailWaiting()
    {
        var closed = new ObjectDisposedException(nameof(ConnectionMultiplexer));
        _firstOutcome.TrySetResult(new RedisConnectionException(ConnectionFailureType.ConnectionDisposed, "The client was closed."));
        _commands.Writer.TryComplete();
        while (_commands.Reader.TryRead(out var command))
        {
            command.Fail(closed);
        }
    }
}

/// <summary>Who a link belongs to: knows what to say first on it, and hears of its fate.</summary>
internal interface ILinkOwner
{
    IEnumerable<PendingCommand> FirstCommands(Link link);

    bool TakePush(Link link, RedisResult reply);

    void OnFailed(Link link, RedisConnectionException cause);

    void OnRestored(Link link);
}
