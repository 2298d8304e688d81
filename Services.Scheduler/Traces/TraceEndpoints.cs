using System.Security.Claims;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Traces;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Api;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Traces;

/// <summary>Where services hand over spans, and where a run's trace is read.</summary>
internal static class TraceEndpoints
{
    private const int BatchBytesMax = 4 * 1024 * 1024;

    public static void AddTraces(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SpanStore>();
        builder.Services.AddSingleton<SpanCollector>();
        builder.Services.AddSingleton<IRunSpanSink>(services => services.GetRequiredService<SpanCollector>());
        builder.Services.AddHostedService(services => services.GetRequiredService<SpanCollector>());
        builder.AddRunTraces<SpanCollector>();
    }

    public static void MapTraces(this IEndpointRouteBuilder app)
    {
        app.MapPost(SpanLimits.Path, ReceiveAsync).RequireScope(Scopes.SpansWrite).WithMetadata(new RequestSizeLimitAttribute(BatchBytesMax)).ExcludeFromDescription();
        app.MapGet("/api/v1/runs/{id}/trace", ReadAsync).WithName("GetRunTrace").WithTags("Runs").RequireScope(Scopes.RunsRead);
    }

    private static async Task<Results<Accepted, ProblemHttpResult>> ReceiveAsync(SpanBatch batch, SpanCollector collector, CancellationToken cancellationToken)
    {
        if (batch.Spans is not { Count: <= SpanLimits.BatchMax } spans || !spans.All(IsSound))
        {
            return RunEndpoints.Invalid("A batch is at most 256 spans, each with W3C ids and within the limits of names and attributes.");
        }

        await collector.SendAsync(spans, cancellationToken);
        return TypedResults.Accepted((string?)null);
    }

    private static async Task<Results<Ok<RunTrace>, ProblemHttpResult>> ReadAsync(
        RunId id, ClaimsPrincipal user, RunQueries queries, SchedulerDbContext db, CancellationToken cancellationToken)
    {
        if (await queries.FindAsync(user.Tenant(), id, cancellationToken) is not { } run)
        {
            return RunEndpoints.NotFound();
        }

        var spans = await db.Spans.AsNoTracking().Where(span => span.RunId == id).OrderBy(span => span.StartedAt).ThenBy(span => span.SpanId)
            .Take(RunLimits.SpansMax).ToListAsync(cancellationToken);
        var known = spans.Select(span => span.SpanId).ToHashSet();
        return TypedResults.Ok(new RunTrace(RunViewing.TraceIdOf(run.Traceparent), [.. spans.Select(span => ToView(span, run, known))]));
    }

    private static RunSpan ToView(SpanRow span, RunRow run, HashSet<string> known)
    {
        // What is open when the run is concluded ends with it; the loop that writes this down comes a little later.
        var cut = span.EndedAt is null && run.ConcludedAt is not null;
        return new RunSpan(
            span.SpanId, span.ParentSpanId is { } parent && known.Contains(parent) ? parent : null, span.Service, span.Name, span.Kind,
            cut ? "unfinished" : span.Status, span.StartedAt, cut ? run.ConcludedAt : span.EndedAt,
            JsonSerializer.Deserialize(span.Attributes, SpansJsonContext.Default.DictionaryStringString)!);
    }

    private static bool IsSound(SpanRecord span) =>
        IsHex(span.TraceId, 32) && IsHex(span.SpanId, 16) && (span.ParentSpanId is null || IsHex(span.ParentSpanId, 16))
        && IsText(span.Service, 1, 64) && IsText(span.Name, 0, SpanLimits.NameMax) && IsText(span.Kind, 1, 16) && IsText(span.Status, 1, 16)
        && span.Attributes is { Count: <= SpanLimits.AttributesMax } attributes
        && attributes.All(pair => IsText(pair.Key, 1, SpanLimits.NameMax) && IsText(pair.Value, 0, SpanLimits.ValueMax));

    private static bool IsHex(string? text, int length) => text?.Length == length && text.All(char.IsAsciiHexDigitLower);

    // Postgres' text cannot hold the character 0.
    private static bool IsText(string? text, int least, int most) => text is not null && text.Length >= least && text.Length <= most && !text.Contains('\0', StringComparison.Ordinal);
}
