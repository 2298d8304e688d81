using System.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace OpenTelemetry.Instrumentation.AspNetCore;

/// <summary>
/// Follows the requests of ASP.NET Core, which makes a bare span for each, and gives the span its name, tags and status
/// (the semantic conventions for HTTP server spans).
/// </summary>
internal sealed class RequestListener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    /// <summary>The activity source, and the diagnostic listener, of ASP.NET Core.</summary>
    public const string SourceName = "Microsoft.AspNetCore";

    /// <summary>The setting of the real package that lets query strings be seen. Without it they are not recorded.</summary>
    public const string RecordQuerySwitch = "OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION";

    private const string Request = "Microsoft.AspNetCore.Hosting.HttpRequestIn";
    private const string RequestStart = Request + ".Start";
    private const string RequestStop = Request + ".Stop";
    private const string HostingException = "Microsoft.AspNetCore.Hosting.UnhandledException";
    private const string DiagnosticsException = "Microsoft.AspNetCore.Diagnostics.UnhandledException";

    private readonly AspNetCoreTraceInstrumentationOptions _options;
    private readonly bool _recordsQuery;
    private readonly IDisposable _subscription;
    private IDisposable? _requests;

    public RequestListener(AspNetCoreTraceInstrumentationOptions options, bool recordsQuery)
    {
        _options = options;
        _recordsQuery = recordsQuery;
        _subscription = DiagnosticListener.AllListeners.Subscribe(this);
    }

    public void OnNext(DiagnosticListener value)
    {
        // Every host in the process has a listener of this name; each is followed.
        if (value.Name == SourceName)
        {
            var subscription = value.Subscribe(this, name => name is Request or RequestStart or RequestStop or HostingException or DiagnosticsException);
            _requests = _requests is null ? subscription : new Both(_requests, subscription);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        switch (value.Key)
        {
            case RequestStart when value.Value is HttpContext context && SpanOf(context) is { IsAllDataRequested: true } span:
                OnStart(span, context);
                break;
            case RequestStop when value.Value is HttpContext context && SpanOf(context) is { IsAllDataRequested: true } span:
                OnStop(span, context);
                break;
            case HostingException or DiagnosticsException when Activity.Current is { IsAllDataRequested: true } span && ExceptionOf(value.Value) is { } exception:
                OnException(span, exception);
                break;
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose()
    {
        _subscription.Dispose();
        _requests?.Dispose();
    }

    private static Activity? SpanOf(HttpContext context) => context.Features.Get<IHttpActivityFeature>()?.Activity ?? Activity.Current;

    // The payload is an anonymous type whose property names are its contract.
    private static Exception? ExceptionOf(object? payload)
    {
        var type = payload?.GetType();
        return (type?.GetProperty("exception") ?? type?.GetProperty("Exception"))?.GetValue(payload) as Exception;
    }

    private void OnStart(Activity span, HttpContext context)
    {
        if (!Passes(span, context))
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        RequestTags.AddRequest(span, context.Request, _recordsQuery);
        Guarded(span, () => _options.EnrichWithHttpRequest?.Invoke(span, context.Request));
    }

    private void OnStop(Activity span, HttpContext context)
    {
        RequestTags.AddResponse(span, context);
        Guarded(span, () => _options.EnrichWithHttpResponse?.Invoke(span, context.Response));
    }

    private void OnException(Activity span, Exception exception)
    {
        span.SetTag("error.type", exception.GetType().FullName);
        span.SetStatus(ActivityStatusCode.Error);
        if (_options.RecordException)
        {
            span.AddException(exception);
        }

        Guarded(span, () => _options.EnrichWithException?.Invoke(span, exception));
    }

    // A filter that cannot answer filters out: what it guards may be what must not be recorded.
    private bool Passes(Activity span, HttpContext context)
    {
        var passes = _options.Filter is null;
        if (_options.Filter is { } filter)
        {
            Guarded(span, () => passes = filter(context));
        }

        return passes;
    }

    private static void Guarded(Activity span, Action action)
    {
        try
        {
            action();
        }
#pragma warning disable CA1031 // The application's delegate; telemetry must not harm the request that it describes.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            span.AddEvent(new ActivityEvent("instrumentation.delegate_failed", tags: new() { { "exception.type", failure.GetType().FullName } }));
        }
    }

    private sealed class Both(IDisposable first, IDisposable second) : IDisposable
    {
        public void Dispose()
        {
            first.Dispose();
            second.Dispose();
        }
    }
}
