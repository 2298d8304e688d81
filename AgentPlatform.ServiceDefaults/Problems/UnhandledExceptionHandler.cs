using System.Text.RegularExpressions;
using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.ServiceDefaults.Problems;

/// <summary>Turns what nobody caught into a problem. The exception goes to the log; the caller gets a code and the trace id.</summary>
internal sealed partial class UnhandledExceptionHandler(IProblemDetailsService problems, ILogger<UnhandledExceptionHandler> logger) : IExceptionHandler
{
    private const int ClientClosedRequest = 499;

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (httpContext.RequestAborted.IsCancellationRequested)
        {
            httpContext.Response.StatusCode = ClientClosedRequest;
            return true;
        }

        // Kestrel and model binding throw this for what the caller did wrong, such as a body above the limit.
        if (exception is BadHttpRequestException bad)
        {
            return await WriteAsync(httpContext, bad.StatusCode, Problem.CodeOf(bad.StatusCode), DetailOf(bad));
        }

        // The pattern, not the path: a path may hold what the caller would not want to see in a log.
        var route = httpContext.Features.Get<IExceptionHandlerFeature>()?.Endpoint as RouteEndpoint;
        Log.RequestFailed(logger, exception, httpContext.Request.Method, route?.RoutePattern.RawText);
        return await WriteAsync(httpContext, StatusCodes.Status500InternalServerError, ProblemCodes.InternalError);
    }

    /// <summary>What could not be bound, by its name. The framework's own words repeat what the caller sent, and speak of our types.</summary>
    private static string? DetailOf(BadHttpRequestException bad) =>
        bad.StatusCode == StatusCodes.Status400BadRequest && ParameterPattern().Match(bad.Message) is { Success: true } named
            ? named.Groups[1].Value is "body" or "request"
                ? "The body is missing, or is no JSON of the form that is asked for."
                : $"{named.Groups[1].Value} is missing, or not of the form that it takes."
            : null;

    private async ValueTask<bool> WriteAsync(HttpContext http, int status, string code, string? detail = null)
    {
        http.Response.StatusCode = status;
        var problem = new ProblemDetails { Status = status, Detail = detail, Extensions = { [Problem.CodeKey] = code } };
        return await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = http, ProblemDetails = problem });
    }

    [GeneratedRegex("parameter \"(?:[^\"]* )?([A-Za-z0-9_]+)\"", RegexOptions.CultureInvariant)]
    private static partial Regex ParameterPattern();

    private static partial class Log
    {
        [LoggerMessage(6001, LogLevel.Error, "{Method} {Route} failed")]
        public static partial void RequestFailed(ILogger logger, Exception exception, string method, string? route);
    }
}
