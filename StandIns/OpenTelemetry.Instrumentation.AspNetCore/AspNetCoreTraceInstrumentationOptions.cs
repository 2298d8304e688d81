using System.Diagnostics;
using Microsoft.AspNetCore.Http;

namespace OpenTelemetry.Instrumentation.AspNetCore;

/// <summary>Options of the spans of incoming requests. A delegate that throws never harms the request.</summary>
public class AspNetCoreTraceInstrumentationOptions
{
    /// <summary>Whether a request gets a span. Default: null, each does.</summary>
    public Func<HttpContext, bool>? Filter { get; set; }

    /// <summary>Adds to the span when the request begins. Default: null.</summary>
    public Action<Activity, HttpRequest>? EnrichWithHttpRequest { get; set; }

    /// <summary>Adds to the span when the response is done. Default: null.</summary>
    public Action<Activity, HttpResponse>? EnrichWithHttpResponse { get; set; }

    /// <summary>Adds to the span when an exception was not handled. Default: null.</summary>
    public Action<Activity, Exception>? EnrichWithException { get; set; }

    /// <summary>Whether an unhandled exception is recorded as an event, with its message and stack. Default: false.</summary>
    public bool RecordException { get; set; }
}
