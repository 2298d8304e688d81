using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using StackExchange.Redis.Protocol;

namespace StackExchange.Redis.Connections;

/// <summary>
/// One physical connection, from its first byte to its end. Commands are written as they come, many at once; replies come in the same order.
/// </summary>
internal sealed class Session : IDisposable
{
    private const int BatchMax = 64 * 1024;

    private readonly Stream _stream;
    private readonly RespReader _reader;
    private readonly ConfigurationOptions _options;
    private readonly Queue<PendingCommand> _awaiting = new();
    private int _database;
    private long _lastRead = Stopwatch.GetTimestamp();

    private Session(EndPoint endPoint, Stream stream, ConfigurationOptions options)
    {
        EndPoint = endPoint;
        _stream = stream;
        _reader = new RespReader(stream);
        _options = options;
    }

    public EndPoint EndPoint { get; }

    private string Address => EndPointCollection.Format(EndPoint);

    /// <summary>Connects and says who we are. What it returns is authenticated.</summary>
    /// <exception cref="RedisConnectionException">It did not come about.</exception>
    public static async Task<Session> OpenAsync(EndPoint endPoint, ConfigurationOptions options, CancellationToken cancellationToken)
    {
        var stream = await Transport.ConnectAsync(endPoint, options, cancellationToken).ConfigureAwait(false);
        var session = new Session(endPoint, stream, options);
        try
        {
            await Handshake.GreetAsync(session, options, cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public void Dispose() => _stream.Dispose();

    /// <summary>One command and its reply, while no other is under way: for the handshake.</summary>
    public async Task<RedisResult> AskAsync(PendingCommand command, CancellationToken cancellationToken)
    {
        await _stream.WriteAsync(command.Payload, cancellationToken).ConfigureAwait(false);
        await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        return await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Serves commands until the connection breaks or the token ends it; then fails those whose reply has not come.</summary>
    /// <param name="commands">The commands.</param>
    /// <param name="first">Commands that come before these: a connection's subscriptions.</param>
    /// <param name="takePush">Takes what the server sends unasked; false: it is a reply.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Why it ended.</returns>
    public async Task<RedisConnectionException> ServeAsync(
        Channel<PendingCommand> commands, IEnumerable<PendingCommand> first, Func<RedisResult, bool> takePush, CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] loops = [WriteAsync(commands.Reader, first, ending.Token), ReadAsync(takePush, ending.Token), WatchAsync(commands.Writer, ending.Token)];
        var ended = await Task.WhenAny(loops).ConfigureAwait(false);
        var cause = Cause(ended.Exception?.InnerException ?? new OperationCanceledException(), cancellationToken.IsCancellationRequested);
        await ending.CancelAsync().ConfigureAwait(false);
        _stream.Dispose();
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        lock (_awaiting)
        {
            while (_awaiting.TryDequeue(out var command))
            {
                command.Fail(cause);
            }
        }

        return cause;
    }

    private async Task WriteAsync(ChannelReader<PendingCommand> commands, IEnumerable<PendingCommand> first, CancellationToken cancellationToken)
    {
        using var batch = new MemoryStream();
        foreach (var command in first)
        {
            Add(command, batch);
        }

        do
        {
            while (commands.TryRead(out var command))
            {
                Add(command, batch);
                if (batch.Length >= BatchMax)
                {
                    await SendAsync(batch, cancellationToken).ConfigureAwait(false);
                }
            }

            await SendAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        while (await commands.WaitToReadAsync(cancellationToken).ConfigureAwait(false));
    }

    private void Add(PendingCommand command, MemoryStream batch)
    {
        if (command.Reply.IsCompleted)
        {
            return;
        }

        if (command.Database >= 0 && command.Database != _database)
        {
            _database = command.Database;
            Await(PendingCommand.Of("SELECT", _database), batch);
        }

        Await(command, batch);
    }

    private void Await(PendingCommand command, MemoryStream batch)
    {
        command.SentAt = Stopwatch.GetTimestamp();
        lock (_awaiting)
        {
            _awaiting.Enqueue(command);
        }

        batch.Write(command.Payload);
    }

    private async Task SendAsync(MemoryStream batch, CancellationToken cancellationToken)
    {
        if (batch.Length > 0)
        {
            await _stream.WriteAsync(batch.GetBuffer().AsMemory(0, (int)batch.Length), cancellationToken).ConfigureAwait(false);
            await _stream.FlushAsync(cancellationToken).ConfigureAwait(false);
            batch.SetLength(0);
            batch.Capacity = Math.Min(batch.Capacity, 2 * BatchMax);
        }
    }

    private async Task ReadAsync(Func<RedisResult, bool> takePush, CancellationToken cancellationToken)
    {
        while (true)
        {
            var reply = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            Volatile.Write(ref _lastRead, Stopwatch.GetTimestamp());
            if (takePush(reply))
            {
                continue;
            }

            PendingCommand? command;
            lock (_awaiting)
            {
                _awaiting.TryDequeue(out command);
            }

            if (command is null)
            {
                throw new RedisConnectionException(ConnectionFailureType.ProtocolFailure, "The server sent a reply to nothing.");
            }

            command.Complete(reply);
        }
    }

    // A connection may be dead without a word: a peer that vanished says nothing. Then the oldest command waits in vain.
    // One that carries nothing for long is tried, so that this is found out before somebody needs it.
    private async Task WatchAsync(ChannelWriter<PendingCommand> commands, CancellationToken cancellationToken)
    {
        var patience = TimeSpan.FromMilliseconds(Math.Max(_options.AsyncTimeout, 1));
        var keepAlive = TimeSpan.FromSeconds(_options.KeepAlive);
        using var beat = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (await beat.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            PendingCommand? oldest;
            lock (_awaiting)
            {
                _awaiting.TryPeek(out oldest);
            }

            var silence = Stopwatch.GetElapsedTime(Volatile.Read(ref _lastRead));
            if (oldest is not null && Stopwatch.GetElapsedTime(oldest.SentAt) > patience && silence > patience)
            {
                throw new RedisConnectionException(ConnectionFailureType.SocketFailure, $"The server has been silent for {patience}.");
            }

            if (oldest is null && _options.KeepAlive > 0 && silence >= keepAlive)
            {
                commands.TryWrite(PendingCommand.OfNobody("PING"));
            }
        }
    }

    private RedisConnectionException Cause(Exception failure, bool disposing) => failure switch
    {
        RedisConnectionException known => known,
        _ when disposing => new(ConnectionFailureType.ConnectionDisposed, "The client was closed.", null, CommandStatus.Sent),
        EndOfStreamException => new(ConnectionFailureType.SocketClosed, $"The server at {Address} closed the connection.", failure, CommandStatus.Sent),
        _ => new(ConnectionFailureType.SocketFailure, $"The connection to {Address} broke.", failure, CommandStatus.Sent),
    };
}
