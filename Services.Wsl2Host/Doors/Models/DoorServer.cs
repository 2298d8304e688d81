using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;

namespace Services.Wsl2Host.Doors.Models;

/// <summary>
/// One HTTP server for the model doors of all instances. It listens nowhere: connections are handed to it with the instance that they came from,
/// so an instance cannot claim to be another, and none of them reaches this host's own API.
/// </summary>
internal sealed class DoorServer : IHostedService, IAsyncDisposable
{
    /// <summary>What agents send is a conversation with its files: megabytes at most.</summary>
    private const long BodyBytesMax = 32L * 1024 * 1024;

    private readonly Channel<ConnectionContext> _connections = Channel.CreateBounded<ConnectionContext>(64);
    private readonly SocketConnectionContextFactory _contexts;
    private readonly KestrelServer _server;
    private readonly ModelDoor _door;

    public DoorServer(ModelDoor door, IServiceProvider services, ILoggerFactory loggers)
    {
        _door = door;
        _contexts = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), loggers.CreateLogger<DoorServer>());
        var options = new KestrelServerOptions { ApplicationServices = services, AddServerHeader = false };
        options.Limits.MaxRequestBodySize = BodyBytesMax;
        options.Limits.MinRequestBodyDataRate = null;
        options.Limits.MinResponseDataRate = null;
        options.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        options.Listen(new HandedOver(), listen => listen.Protocols = HttpProtocols.Http1);
        _server = new KestrelServer(Options.Create(options), new Listeners(_connections.Reader), loggers);
    }

    public Task StartAsync(CancellationToken cancellationToken) => _server.StartAsync(new Application(_door), cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _server.StopAsync(cancellationToken);

    /// <summary>Serves a connection until it ends.</summary>
    public async Task ServeAsync(InstanceId instance, Socket connection, CancellationToken cancellationToken)
    {
        var context = _contexts.Create(connection);
        context.Features.Set(new DoorOrigin(instance));
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var closed = context.ConnectionClosed.Register(() => ended.TrySetResult());
        await using var cut = cancellationToken.Register(() => context.Abort());
        await _connections.Writer.WriteAsync(context, cancellationToken);
        await ended.Task;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _connections.Writer.TryComplete();
        _server.Dispose();
        await ValueTask.CompletedTask;
    }

    private sealed class Application(ModelDoor door) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) =>
            door.ForwardAsync(context, context.Features.Get<DoorOrigin>()?.Instance ?? throw new InvalidOperationException("A connection came from nowhere."));

        public void DisposeContext(HttpContext context, Exception? exception)
        {
            // Nothing was made for it.
        }
    }

    private sealed class HandedOver : EndPoint;

    private sealed class Listeners(ChannelReader<ConnectionContext> connections) : IConnectionListenerFactory
    {
        public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
            ValueTask.FromResult<IConnectionListener>(new Listener(endpoint, connections));
    }

    private sealed class Listener(EndPoint endpoint, ChannelReader<ConnectionContext> connections) : IConnectionListener
    {
        private readonly CancellationTokenSource _unbound = new();

        public EndPoint EndPoint => endpoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
        {
            try
            {
                return await connections.ReadAsync(_unbound.Token);
            }
            catch (Exception failure) when (failure is OperationCanceledException or ChannelClosedException)
            {
                return null;
            }
        }

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default) => new(_unbound.CancelAsync());

        public ValueTask DisposeAsync()
        {
            _unbound.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>Where a connection came from.</summary>
/// <param name="Instance">The instance whose door it came through.</param>
internal sealed record DoorOrigin(InstanceId Instance);
