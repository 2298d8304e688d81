using System.Diagnostics;

namespace OpenTelemetry.Instrumentation.Http;

/// <summary>Options of the spans of outgoing requests. A delegate that throws never harms the request.</summary>
public class HttpClientTraceInstrumentationOptions
{
    /// <summary>Whether a request gets a span. Default: null, each does.</summary>
    public Func<HttpRequestMessage, bool>? FilterHttpRequestMessage { get; set; }

    /// <summary>Adds to the span when the request begins. Default: null.</summary>
    public Action<Activity, HttpRequestMessage>? EnrichWithHttpRequestMessage { get; set; }

    /// <summary>Adds to the span when the response's head is there. Default: null.</summary>
    public Action<Activity, HttpResponseMessage>? EnrichWithHttpResponseMessage { get; set; }

    /// <summary>Adds to the span when the request failed. Default: null.</summary>
    public Action<Activity, Exception>? EnrichWithException { get; set; }

    /// <summary>Whether a failure is recorded as an event, with its message and stack. Default: false.</summary>
    public bool RecordException { get; set; }
}
