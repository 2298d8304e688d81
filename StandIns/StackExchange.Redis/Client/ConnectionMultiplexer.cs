using System.Net;
using StackExchange.Redis.Connections;

namespace StackExchange.Redis;

/// <summary>A client: one connection for the commands of all callers, and one for messages. It comes back by itself.</summary>
public sealed class ConnectionMultiplexer : IConnectionMultiplexer
{
    private readonly ConfigurationOptions _options;
    private readonly Link _commands;
    private readonly Subscriptions _subscriptions;

    private ConnectionMultiplexer(ConfigurationOptions options)
    {
        _options = options;
        ClientName = options.ClientName ?? Environment.MachineName;
        var events = new MultiplexerEvents(this);
        events.Failed += (sender, args) => ConnectionFailed?.Invoke(sender, args);
        events.Restored += (sender, args) => ConnectionRestored?.Invoke(sender, args);
        events.Internal += (sender, args) => InternalError?.Invoke(sender, args);
        _subscriptions = new Subscriptions(options, events);
        _commands = new Link(options, ConnectionType.Interactive, events);
    }

    /// <inheritdoc/>
    public event EventHandler<ConnectionFailedEventArgs>? ConnectionFailed;

    /// <inheritdoc/>
    public event EventHandler<ConnectionFailedEventArgs>? ConnectionRestored;

    /// <inheritdoc/>
    public event EventHandler<InternalErrorEventArgs>? InternalError;

    /// <inheritdoc/>
    public string ClientName { get; }

    /// <inheritdoc/>
    public string Configuration => _options.ToString(includePassword: false);

    /// <inheritdoc/>
    public int TimeoutMilliseconds => _options.SyncTimeout;

    /// <inheritdoc/>
    public bool IsConnected => _commands.IsConnected;

    /// <inheritdoc/>
    public bool IsConnecting => !_commands.IsConnected;

    internal Subscriptions Subscriptions => _subscriptions;

    internal int DefaultDatabase => _options.DefaultDatabase ?? 0;

    /// <summary>Connects.</summary>
    /// <param name="configuration">The options as text.</param>
    /// <param name="log">Not acted upon.</param>
    /// <exception cref="RedisConnectionException">The server cannot be reached, or refuses the user, and that is to be an error.</exception>
    public static ConnectionMultiplexer Connect(string configuration, TextWriter? log = null) => Connect(ConfigurationOptions.Parse(configuration), log);

    /// <summary>Connects.</summary>
    /// <param name="configuration">The options as text.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="log">Not acted upon.</param>
    public static ConnectionMultiplexer Connect(string configuration, Action<ConfigurationOptions> configure, TextWriter? log = null) =>
        Connect(Configured(configuration, configure), log);

    /// <summary>Connects.</summary>
    /// <param name="configuration">The options.</param>
    /// <param name="log">Not acted upon.</param>
    public static ConnectionMultiplexer Connect(ConfigurationOptions configuration, TextWriter? log = null) =>
        Task.Run(() => ConnectAsync(configuration, log)).GetAwaiter().GetResult();

    /// <summary>Connects.</summary>
    /// <param name="configuration">The options as text.</param>
    /// <param name="log">Not acted upon.</param>
    public static Task<ConnectionMultiplexer> ConnectAsync(string configuration, TextWriter? log = null) =>
        ConnectAsync(ConfigurationOptions.Parse(configuration), log);

    /// <summary>Connects.</summary>
    /// <param name="configuration">The options as text.</param>
    /// <param name="configure">Changes the options.</param>
    /// <param name="log">Not acted upon.</param>
    public static Task<ConnectionMultiplexer> ConnectAsync(string configuration, Action<ConfigurationOptions> configure, TextWriter? log = null) =>
        ConnectAsync(Configured(configuration, configure), log);

    /// <summary>Connects.</summary>
    /// <param name="configuration">The options.</param>
    /// <param name="log">Not acted upon.</param>
    /// <exception cref="RedisConnectionException">The server cannot be reached, or refuses the user, and that is to be an error.</exception>
    public static async Task<ConnectionMultiplexer> ConnectAsync(ConfigurationOptions configuration, TextWriter? log = null)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        if (configuration.EndPoints.Count == 0)
        {
            throw new ArgumentException("No endpoints specified", nameof(configuration));
        }

        var client = new ConnectionMultiplexer(configuration.Clone());
        if (await client._commands.FirstOutcome.ConfigureAwait(false) is { } failure && configuration.AbortOnConnectFail)
        {
            await client.DisposeAsync().ConfigureAwait(false);
            throw new RedisConnectionException(
                failure.FailureType,
                $"It was not possible to connect to the redis server. To go on and retry in the background, use abortConnect=false. {failure.Message}",
                failure);
        }

        return client;
    }

    /// <inheritdoc/>
    public IDatabase GetDatabase(int db = -1, object? asyncState = null) => new DatabaseCommands(this, db);

    /// <inheritdoc/>
    public ISubscriber GetSubscriber(object? asyncState = null) => new SubscriberCommands(this);

    /// <inheritdoc/>
    public IServer GetServer(EndPoint endpoint, object? asyncState = null) => _options.EndPoints.Contains(endpoint)
        ? new ServerCommands(this, endpoint)
        : throw new ArgumentException($"The address {EndPointCollection.Format(endpoint)} is not among the configured ones.", nameof(endpoint));

    /// <inheritdoc/>
    public IServer[] GetServers() => [.. _options.EndPoints.Select(endPoint => new ServerCommands(this, endPoint))];

    /// <inheritdoc/>
    public EndPoint[] GetEndPoints(bool configuredOnly = false) => [.. _options.EndPoints];

    /// <inheritdoc/>
    public string GetStatus() => $"{EndPointCollection.Format(_commands.EndPoint)}: {(IsConnected ? "connected" : "connecting")}";

    /// <inheritdoc/>
    public void Close(bool allowCommandsToComplete = true) => Dispose();

    /// <inheritdoc/>
    public Task CloseAsync(bool allowCommandsToComplete = true) => DisposeAsync().AsTask();

    /// <inheritdoc/>
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _commands.DisposeAsync().ConfigureAwait(false);
        await _subscriptions.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public override string ToString() => ClientName;

    internal async Task<RedisResult?> SendAsync(PendingCommand command, CommandFlags flags)
    {
        if (flags.HasFlag(CommandFlags.FireAndForget))
        {
            _commands.Send(command);
            command.Forget();
            return null;
        }

        using var span = RedisSpans.Start(command.Name, _commands.EndPoint, command.Database);
        try
        {
            _commands.Send(command);
            return await AwaitAsync(_commands, command).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            RedisSpans.Fail(span, failure);
            throw;
        }
    }

    internal async Task<RedisResult> AwaitAsync(Link link, PendingCommand command)
    {
        var patience = TimeSpan.FromMilliseconds(_options.AsyncTimeout);
        try
        {
            return await command.Reply.WaitAsync(patience).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            command.GiveUp();
            throw link.TimedOut(command, patience);
        }
    }

    private static ConfigurationOptions Configured(string configuration, Action<ConfigurationOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        var options = ConfigurationOptions.Parse(configuration);
        configure(options);
        return options;
    }
}
