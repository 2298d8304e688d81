using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Serves <c>aspire.v1.DashboardService</c> by gRPC over plain HTTP/2 on a loopback address. A bare Kestrel and no web host,
/// because a host of its own would also take configuration, signals and console output that are the app host's.
/// </summary>
internal sealed partial class ResourceServiceServer : IAsyncDisposable
{
    public const string ApiKeyHeader = "x-resource-service-api-key";

    private readonly ResourceServiceCalls _calls;
    private readonly byte[] _apiKey;
    private readonly ILogger _logger;
    private readonly KestrelServer _server;
    private readonly CancellationTokenSource _stopping = new();
    private bool _disposed;

    /// <param name="source">What is served.</param>
    /// <param name="port">The port to listen on; 0 takes a free one.</param>
    /// <param name="apiKey">The key that every caller has to show.</param>
    /// <param name="logger">Takes what fails.</param>
    public ResourceServiceServer(IResourceServiceSource source, int port, string apiKey, ILogger logger)
    {
        _calls = new ResourceServiceCalls(source);
        _apiKey = Encoding.UTF8.GetBytes(apiKey);
        _logger = logger;

        var options = new KestrelServerOptions { ApplicationServices = new ServiceCollection().BuildServiceProvider(), AddServerHeader = false };
        options.Limits.MaxConcurrentConnections = 64;
        options.Limits.MaxRequestBodySize = null;
        // The dashboard keeps calls open on which it has nothing to say.
        options.Limits.MinRequestBodyDataRate = null;
        options.Listen(IPAddress.Loopback, port, static listen => listen.Protocols = HttpProtocols.Http2);
        var transport = new SocketTransportFactory(Options.Create(new SocketTransportOptions()), NullLoggerFactory.Instance);
        _server = new KestrelServer(Options.Create(options), transport, NullLoggerFactory.Instance);
    }

    /// <summary>Starts to listen.</summary>
    /// <returns>The address that the dashboard is to be given.</returns>
    /// <exception cref="IOException">The port is taken.</exception>
    public async Task<Uri> StartAsync(CancellationToken cancellationToken)
    {
        await _server.StartAsync(new Application(HandleAsync), cancellationToken);
        return new Uri(_server.Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.Single());
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
        {
            return;
        }

        // The watching calls end by themselves only when told to.
        await _stopping.CancelAsync();
        using var grace = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await _server.StopAsync(grace.Token);
        _server.Dispose();
        _stopping.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        if (context.Request.ContentType?.StartsWith(GrpcFraming.ContentType, StringComparison.OrdinalIgnoreCase) is not true)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        context.Response.ContentType = GrpcFraming.ContentType;
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _stopping.Token);
        var (status, message) = await RunAsync(context, ending.Token);
        context.Response.AppendTrailer("grpc-status", ((int)status).ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (message is not null)
        {
            context.Response.AppendTrailer("grpc-message", Uri.EscapeDataString(message));
        }
    }

    private async Task<(GrpcStatus Status, string? Message)> RunAsync(HttpContext context, CancellationToken cancellationToken)
    {
        try
        {
            if (!HasApiKey(context.Request))
            {
                throw new GrpcStatusException(GrpcStatus.Unauthenticated, $"The header {ApiKeyHeader} is missing or wrong.");
            }

            await _calls.HandleAsync(context, cancellationToken);
            return (GrpcStatus.Ok, null);
        }
        catch (GrpcStatusException exception)
        {
            return (exception.Status, exception.Message);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            return (GrpcStatus.Unavailable, "The app host is stopping.");
        }
        catch (Exception exception)
        {
            Log.CallFailed(_logger, context.Request.Path, exception);
            return (GrpcStatus.Internal, "The call failed; the app host's log says why.");
        }
    }

    private bool HasApiKey(HttpRequest request) =>
        request.Headers[ApiKeyHeader] is [{ } shown] && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(shown), _apiKey);

    private sealed class Application(RequestDelegate handle) : IHttpApplication<HttpContext>
    {
        public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

        public Task ProcessRequestAsync(HttpContext context) => handle(context);

        public void DisposeContext(HttpContext context, Exception? exception)
        {
            // A context of Kestrel's features alone holds nothing to dispose.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(8301, LogLevel.Error, "The dashboard's call {Path} failed")]
        public static partial void CallFailed(ILogger logger, string path, Exception exception);
    }
}
