using System.Globalization;
using System.Security.Claims;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Services.Scheduler.Api;

/// <summary>A run's events as they happen: by server-sent events, and by their polling twin.</summary>
internal static class StreamEndpoints
{
    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(15);
    private static readonly byte[] Heartbeat = ": heartbeat\n\n"u8.ToArray();

    public static void MapStreams(this IEndpointRouteBuilder app)
    {
        app.MapGet("/api/v1/streams/runs/{id}", StreamAsync).WithName("StreamRun").WithTags("Streams").RequireScope(Scopes.RunsRead);
        app.MapGet("/api/v1/runs/{id}/events", PollAsync).WithName("GetRunEvents").WithTags("Runs").RequireScope(Scopes.RunsRead);
    }

    /// <summary>
    /// Everything behind <c>Last-Event-ID</c> (or the query <c>after</c>), then what happens, to the run's last event. A reader that has that one already
    /// gets 204, which tells an EventSource to stop.
    /// </summary>
    private static async Task<IResult> StreamAsync(
        RunId id, HttpContext http, ClaimsPrincipal user, RunQueries queries, RunFeed feed, TimeProvider time, IHostApplicationLifetime lifetime, long? after = null)
    {
        if (!TryReadPosition(http.Request, after, out var position))
        {
            return RunEndpoints.Invalid("Last-Event-ID and after are the number of an event, from 0.");
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        if (await queries.FindAsync(user.Tenant(), id, ended.Token) is not { } run)
        {
            return RunEndpoints.NotFound();
        }

        // A number from a history that is no more: the reader goes on with what there is.
        position = Math.Min(position, run.Version);
        if (run.Phase == RunPhase.Concluded && position == run.Version)
        {
            return TypedResults.NoContent();
        }

        using var reader = feed.Open(id, position);
        if (reader is null)
        {
            http.Response.Headers.RetryAfter = "5";
            return Problem.Of(StatusCodes.Status503ServiceUnavailable, ProblemCodes.Unavailable, "Too many streams are open; the events can be polled.");
        }

        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["X-Accel-Buffering"] = "no";
        try
        {
            await WriteAsync(http.Response, reader, time, ended.Token);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader has gone, or the service stops and the reader comes back elsewhere.
        }

        return TypedResults.Empty;
    }

    private static async Task WriteAsync(HttpResponse response, RunFeedReader reader, TimeProvider time, CancellationToken cancellationToken)
    {
        // The headers go out at once: a client may wait for them before it believes in the stream.
        await response.Body.WriteAsync(": open\n\n"u8.ToArray(), cancellationToken);
        await response.Body.FlushAsync(cancellationToken);
        while (true)
        {
            var frames = await reader.NextAsync(HeartbeatEvery, time, cancellationToken);
            if (frames.Count == 0)
            {
                await response.Body.WriteAsync(Heartbeat, cancellationToken);
            }

            foreach (var frame in frames)
            {
                await response.Body.WriteAsync(frame.Frame, cancellationToken);
            }

            await response.Body.FlushAsync(cancellationToken);
            if (frames is [.., { IsLast: true }])
            {
                return;
            }
        }
    }

    private static async Task<Results<Ok<RunEventsPage>, ProblemHttpResult>> PollAsync(
        RunId id, ClaimsPrincipal user, RunQueries queries, RunEventReader events, CancellationToken cancellationToken, long after = 0, int limit = RunLimits.EventsMax)
    {
        if (after < 0)
        {
            return RunEndpoints.Invalid("after is the number of an event, from 0.");
        }

        if (limit is < 1 or > RunLimits.EventsMax)
        {
            return RunEndpoints.Invalid($"limit is 1 to {RunLimits.EventsMax}.");
        }

        if (await queries.FindAsync(user.Tenant(), id, cancellationToken) is not { } run)
        {
            return RunEndpoints.NotFound();
        }

        var page = await events.PageAsync(id, after, limit, cancellationToken);
        var next = page.Count > 0 ? page[^1].Sequence : Math.Min(after, run.Version);
        var end = run.Phase == RunPhase.Concluded && next >= run.Version;
        return TypedResults.Ok(new RunEventsPage([.. page.Select(RunEventReader.Envelope)], next, end));
    }

    private static bool TryReadPosition(HttpRequest request, long? after, out long position)
    {
        position = after ?? 0;
        var last = request.Headers["Last-Event-ID"];
        return last.Count switch
        {
            0 => position >= 0,
            1 => long.TryParse(last[0], NumberStyles.None, CultureInfo.InvariantCulture, out position),
            _ => false,
        };
    }
}
