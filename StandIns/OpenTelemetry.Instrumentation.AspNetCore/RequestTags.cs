using System.Diagnostics;
using System.Globalization;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace OpenTelemetry.Instrumentation.AspNetCore;

/// <summary>The tags of a server span, by the semantic conventions for HTTP.</summary>
internal static class RequestTags
{
    private static readonly HashSet<string> KnownMethods =
        new(StringComparer.Ordinal) { "CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "QUERY", "TRACE" };

    public static void AddRequest(Activity span, HttpRequest request, bool recordsQuery)
    {
        span.DisplayName = NameOf(request.Method);
        if (KnownMethods.Contains(request.Method))
        {
            span.SetTag("http.request.method", request.Method);
        }
        else
        {
            span.SetTag("http.request.method", "_OTHER");
            span.SetTag("http.request.method_original", request.Method);
        }

        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("url.path", request.PathBase.HasValue || request.Path.HasValue ? request.PathBase.Value + request.Path.Value : "/");
        span.SetTag("network.protocol.version", VersionOf(request.Protocol));
        if (request.Host.HasValue)
        {
            span.SetTag("server.address", request.Host.Host);
            span.SetTag("server.port", request.Host.Port);
        }

        if (request.Headers.UserAgent is [{ Length: > 0 } userAgent, ..])
        {
            span.SetTag("user_agent.original", userAgent);
        }

        if (recordsQuery && request.QueryString.HasValue)
        {
            span.SetTag("url.query", request.QueryString.Value);
        }
    }

    public static void AddResponse(Activity span, HttpContext context)
    {
        // A handler of exceptions clears the endpoint and remembers it in a feature.
        var endpoint = context.Features.Get<IExceptionHandlerPathFeature>()?.Endpoint ?? context.GetEndpoint();
        if (endpoint is RouteEndpoint { RoutePattern.RawText: { Length: > 0 } route })
        {
            route = route.StartsWith('/') ? route : $"/{route}";
            span.SetTag("http.route", route);
            span.DisplayName = $"{NameOf(context.Request.Method)} {route}";
        }

        var status = context.Response.StatusCode;
        span.SetTag("http.response.status_code", status);
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetStatus(ActivityStatusCode.Error);
            if (span.GetTagItem("error.type") is null)
            {
                span.SetTag("error.type", status.ToString(CultureInfo.InvariantCulture));
            }
        }
    }

    private static string NameOf(string method) => KnownMethods.Contains(method) ? method : "HTTP";

    private static string VersionOf(string protocol)
    {
        var version = protocol[(protocol.IndexOf('/', StringComparison.Ordinal) + 1)..];
        return version is "2.0" or "3.0" ? version[..1] : version;
    }
}
