using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace AgentPlatform.Tests.Streams;

/// <summary>A service with streams, as one process of the platform would be: its own host, its own connection.</summary>
internal sealed class StreamsNode : IAsyncDisposable
{
    public static readonly TimeSpan Patience = Eventually.Patience;

    private readonly IHost _host;
    private readonly ConnectionMultiplexer _connection;

    private StreamsNode(IHost host, ConnectionMultiplexer connection) => (_host, _connection) = (host, connection);

    public IServiceProvider Services => _host.Services;

    public IDatabase Redis => _connection.GetDatabase();

    public IStreamPublisher Publisher => Services.GetRequiredService<IStreamPublisher>();

    public IEventLogs Logs => Services.GetRequiredService<IEventLogs>();

    public IDeadLetters DeadLetters => Services.GetRequiredService<IDeadLetters>();

    public static async Task<StreamsNode> StartAsync(RedisServer server, Action<IHostApplicationBuilder>? configure = null)
    {
        var settings = ConfigurationOptions.Parse(server.ConnectionString);
        settings.AbortOnConnectFail = false;
        settings.AllowAdmin = true;
        var connection = await ConnectionMultiplexer.ConnectAsync(settings);
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { EnvironmentName = "Testing" });
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<IConnectionMultiplexer>(connection);
        builder.AddStreams();
        configure?.Invoke(builder);
        var host = builder.Build();
        await host.StartAsync();
        return new StreamsNode(host, connection);
    }

    /// <summary>Starts a service that handles one stream with a scripted handler.</summary>
    public static Task<StreamsNode> ConsumeAsync(
        RedisServer server, ScriptedHandler handler, Action<StreamConsumerOptions>? configure = null, string group = "workers", string stream = "jobs") =>
        StartAsync(server, builder =>
        {
            builder.Services.AddSingleton(handler);
            builder.AddStreamConsumer<ScriptedHandler>(stream, group, options =>
            {
                options.RetryDelay = TimeSpan.FromMilliseconds(1);
                options.RetryDelayMax = TimeSpan.FromMilliseconds(20);
                options.FallbackInterval = options.FallbackIntervalMax = TimeSpan.FromMilliseconds(200);
                options.StopGrace = TimeSpan.FromMilliseconds(100);
                configure?.Invoke(options);
            });
        });

    public StreamName Name(string name = "jobs") => Publisher.Name(name);

    public Task<string> PublishAsync(string text, string stream = "jobs") => Publisher.PublishAsync(Name(stream), Envelope(text), CancellationToken.None);

    public static EventEnvelope Envelope(string text, string? traceparent = null) => EventEnvelopes.Create(
        "test.happened", Ownership.Of("tests"), new ServiceInfo(text, "1"), ContractsJsonContext.Default.ServiceInfo, TimeProvider.System, traceparent: traceparent);

    public async Task<RedisResult> RawAsync(string command, params object[] arguments) => await Redis.ExecuteAsync(command, arguments);

    /// <summary>How many entries of the group are delivered and not acknowledged.</summary>
    public async Task<long> PendingAsync(string group = "workers", string stream = "jobs") =>
        (long)((RedisResult[])(await RawAsync("XPENDING", (RedisKey)Name(stream).Key, group))!)[0];

    /// <summary>How often the server has carried out a command.</summary>
    public async Task<long> CallsAsync(string command)
    {
        var info = (string)(await RawAsync("INFO", "commandstats"))!;
        var line = info.Split('\n').FirstOrDefault(line => line.StartsWith($"cmdstat_{command}:", StringComparison.Ordinal));
        return line is null ? 0 : long.Parse(line.Split("calls=")[1].Split(',')[0], System.Globalization.CultureInfo.InvariantCulture);
    }

    public Task StopAsync() => _host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _connection.Dispose();
    }
}

/// <summary>A handler that does what the test says, and remembers what it was given.</summary>
internal sealed class ScriptedHandler(Func<StreamEntry, CancellationToken, Task>? script = null) : IStreamHandler
{
    private readonly ConcurrentQueue<string> _handled = new();
    private readonly ConcurrentQueue<(string Text, string Cause)> _buried = new();
    private readonly ConcurrentQueue<StreamEntry> _attempts = new();
    private readonly ConcurrentQueue<int> _batches = new();

    public IReadOnlyList<string> Handled => [.. _handled];

    public IReadOnlyList<StreamEntry> Attempts => [.. _attempts];

    public IReadOnlyList<int> Batches => [.. _batches];

    public IReadOnlyList<(string Text, string Cause)> Buried => [.. _buried];

    public async Task HandleAsync(IReadOnlyList<StreamEntry> entries, CancellationToken cancellationToken)
    {
        _batches.Enqueue(entries.Count);
        foreach (var entry in entries)
        {
            _attempts.Enqueue(entry);
            await (script?.Invoke(entry, cancellationToken) ?? Task.CompletedTask);
        }

        foreach (var entry in entries)
        {
            _handled.Enqueue(Text(entry));
        }
    }

    public Task OnDeadLetterAsync(StreamEntry entry, string cause, CancellationToken cancellationToken)
    {
        _buried.Enqueue((Text(entry), cause));
        return Task.CompletedTask;
    }

    public static string Text(StreamEntry entry) => entry.Envelope.Read(ContractsJsonContext.Default.ServiceInfo).Name;
}
