using System.Diagnostics;

namespace OpenTelemetry.Instrumentation.Http;

/// <summary>Follows the requests of HttpClient, whose spans .NET makes and tags, for the filter and the additions of the application.</summary>
internal sealed class RequestListener : IObserver<DiagnosticListener>, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string ListenerName = "HttpHandlerDiagnosticListener";
    private const string Request = "System.Net.Http.HttpRequestOut";
    private const string RequestStart = Request + ".Start";
    private const string RequestStop = Request + ".Stop";
    private const string RequestException = "System.Net.Http.Exception";

    private readonly HttpClientTraceInstrumentationOptions _options;
    private readonly IDisposable _subscription;
    private IDisposable? _requests;

    public RequestListener(HttpClientTraceInstrumentationOptions options)
    {
        _options = options;
        _subscription = DiagnosticListener.AllListeners.Subscribe(this);
    }

    public void OnNext(DiagnosticListener value)
    {
        if (value.Name == ListenerName)
        {
            _requests = value.Subscribe(this, name => name is Request or RequestStart or RequestStop or RequestException);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (Activity.Current is not { IsAllDataRequested: true } span)
        {
            return;
        }

        switch (value.Key)
        {
            case RequestStart when Property<HttpRequestMessage>(value.Value, "Request") is { } request:
                OnStart(span, request);
                break;
            case RequestStop when Property<HttpResponseMessage>(value.Value, "Response") is { } response:
                Guarded(span, () => _options.EnrichWithHttpResponseMessage?.Invoke(span, response));
                break;
            case RequestException when Property<Exception>(value.Value, "Exception") is { } exception:
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

    private void OnStart(Activity span, HttpRequestMessage request)
    {
        // A filter that cannot answer filters out: what it guards may be what must not be recorded.
        var passes = _options.FilterHttpRequestMessage is null;
        if (_options.FilterHttpRequestMessage is { } filter)
        {
            Guarded(span, () => passes = filter(request));
        }

        if (!passes)
        {
            span.IsAllDataRequested = false;
            span.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
            return;
        }

        Guarded(span, () => _options.EnrichWithHttpRequestMessage?.Invoke(span, request));
    }

    private void OnException(Activity span, Exception exception)
    {
        if (_options.RecordException)
        {
            span.AddException(exception);
        }

        Guarded(span, () => _options.EnrichWithException?.Invoke(span, exception));
    }

    // The payloads are private types of .NET whose property names are their contract.
    private static T? Property<T>(object? payload, string name)
        where T : class => payload?.GetType().GetProperty(name)?.GetValue(payload) as T;

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
}
