using Aspire.Hosting.Dashboard.Wire;
using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Aspire.Hosting.Dashboard;

/// <summary>The calls of <c>aspire.v1.DashboardService</c>, each from its request's message to its last answer.</summary>
internal sealed class ResourceServiceCalls(IResourceServiceSource source)
{
    private const string Service = "/aspire.v1.DashboardService/";

    /// <summary>Lines in one answer, so that a long log arrives in pieces that the reader can show.</summary>
    private const int LinesPerUpdateMax = 500;

    /// <exception cref="GrpcStatusException">The call ends with a status other than OK.</exception>
    public Task HandleAsync(HttpContext context, CancellationToken cancellationToken) => context.Request.Path.Value switch
    {
        Service + "GetApplicationInformation" => GetApplicationInformationAsync(context, cancellationToken),
        Service + "WatchResources" => WatchResourcesAsync(context, cancellationToken),
        Service + "WatchResourceConsoleLogs" => WatchConsoleLogsAsync(context, cancellationToken),
        Service + "ExecuteResourceCommand" => ExecuteCommandAsync(context, cancellationToken),
        Service + "WatchInteractions" => WatchInteractionsAsync(context, cancellationToken),
        _ => throw new GrpcStatusException(GrpcStatus.Unimplemented, "This app host does not offer that call."),
    };

    private async Task GetApplicationInformationAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await GrpcFraming.ReadAsync(context.Request.BodyReader, ApplicationInformationRequest.Parser, cancellationToken);
        await SendAsync(context, new ApplicationInformationResponse { ApplicationName = source.ApplicationName }, cancellationToken);
    }

    private async Task WatchResourcesAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await GrpcFraming.ReadAsync(context.Request.BodyReader, WatchResourcesRequest.Parser, cancellationToken);
        var (initial, watcher) = source.Resources.Watch();
        using (watcher)
        {
            await SendAsync(context, new WatchResourcesUpdate { InitialData = initial }, cancellationToken);
            while (true)
            {
                var changes = await watcher.NextAsync(cancellationToken);
                await SendAsync(context, new WatchResourcesUpdate { Changes = changes }, cancellationToken);
            }
        }
    }

    private async Task WatchConsoleLogsAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = await GrpcFraming.ReadAsync(context.Request.BodyReader, WatchResourceConsoleLogsRequest.Parser, cancellationToken);
        var batches = source.ReadConsole(request.ResourceName, !request.SuppressFollow, cancellationToken)
            ?? throw new GrpcStatusException(GrpcStatus.NotFound, "There is no resource of that name.");

        // A resource that has written nothing yet is answered too: with headers, so that the reader knows it is being served.
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
        await foreach (var batch in batches)
        {
            foreach (var lines in batch.Chunk(LinesPerUpdateMax))
            {
                var update = new WatchResourceConsoleLogsUpdate();
                update.LogLines.Add(lines);
                await SendAsync(context, update, cancellationToken);
            }
        }
    }

    private async Task ExecuteCommandAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var request = await GrpcFraming.ReadAsync(context.Request.BodyReader, ResourceCommandRequest.Parser, cancellationToken);
        await SendAsync(context, await source.ExecuteAsync(request, cancellationToken), cancellationToken);
    }

    /// <summary>This app host never asks the person anything; the dashboard wants the call to stay open all the same.</summary>
    private static async Task WatchInteractionsAsync(HttpContext context, CancellationToken cancellationToken)
    {
        await context.Response.BodyWriter.FlushAsync(cancellationToken);
        var reader = context.Request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            reader.AdvanceTo(result.Buffer.End);
            if (result.IsCompleted)
            {
                return;
            }
        }
    }

    private static Task SendAsync(HttpContext context, IMessage message, CancellationToken cancellationToken) =>
        GrpcFraming.WriteAsync(context.Response.BodyWriter, message, cancellationToken);
}
