using System.Net;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Models;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Doors.Models;

/// <summary>
/// Forwards an instance's model calls to the model gateway of Sessions, with the token of its run, which the instance never sees.
/// Budgets, models and fields are the gateway's affair; here only what cannot be a model call is turned away.
/// </summary>
internal sealed partial class ModelDoor(IHttpClientFactory clients, ModelTokens tokens, ILogger<ModelDoor> logger)
{
    /// <summary>The named client to Sessions.</summary>
    public const string Client = "model-gateway";

    private const int BufferBytes = 16 * 1024;

    private static readonly string[] OpenAiPrefixes = ["/openai/v1/"];

    private static readonly HashSet<string> PassedRequestHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "accept", "anthropic-version", "anthropic-beta", "openai-beta", "user-agent", "x-stainless-retry-count", "x-stainless-timeout",
    };

    private static readonly HashSet<string> PassedResponseHeaders = new(StringComparer.OrdinalIgnoreCase)
    {
        "request-id", "x-request-id", "retry-after", "retry-after-ms", "x-should-retry", "openai-processing-ms",
    };

    /// <summary>The path at the gateway; null if this can be no model call.</summary>
    public static string? Route(string method, string path)
    {
        if (method is not ("POST" or "GET") || path.Contains("..", StringComparison.Ordinal) || path.Contains('%', StringComparison.Ordinal))
        {
            return null;
        }

        if (path == "/v1/messages" || path == "/v1/messages/count_tokens" || path == "/v1/models" || path.StartsWith("/v1/models/", StringComparison.Ordinal))
        {
            return $"{ModelGatewayRoutes.Base}/{ModelGatewayRoutes.Anthropic}{path}";
        }

        return OpenAiPrefixes.Any(prefix => path.StartsWith(prefix, StringComparison.Ordinal)) ? ModelGatewayRoutes.Base + path : null;
    }

    /// <summary>Forwards one call.</summary>
    public async Task ForwardAsync(HttpContext context, InstanceId instance)
    {
        if (Route(context.Request.Method, context.Request.Path.Value ?? "") is not { } path)
        {
            LogRefused(instance);
            await AnswerAsync(context, HttpStatusCode.NotFound, "not_found_error", "This door leads to model calls only.");
            return;
        }

        if (tokens.Find(instance) is not { } pass)
        {
            // Agents try again after this, which is right: the token comes back with whoever drives the run.
            await AnswerAsync(context, HttpStatusCode.ServiceUnavailable, "overloaded_error", "The model door of this run is closed.");
            return;
        }

        // The call belongs to the trace of whoever opened the door; what the instance says of its trace is not believed.
        using var span = HostTelemetry.StartDetached("model call", pass.Traceparent);
        span?.SetTag(HostTelemetry.InstanceTag, instance.ToString());
        System.Diagnostics.Activity.Current = span;
        try
        {
            using var request = Request(context, path, pass.Token.Value);
            using var response = await clients.CreateClient(Client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
            await PassAsync(response, context);
        }
        catch (HttpRequestException failure) when (!context.Response.HasStarted)
        {
            LogGatewayFailed(instance, failure.HttpRequestError);
            await AnswerAsync(context, HttpStatusCode.ServiceUnavailable, "overloaded_error", "The model gateway does not answer.");
        }
        catch (Exception failure) when (failure is HttpRequestException or OperationCanceledException or IOException)
        {
            // Cut in the middle, by either side: the agent must not take what it has for the whole.
            context.Abort();
        }
    }

    private static HttpRequestMessage Request(HttpContext context, string path, string token)
    {
        var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(path + context.Request.QueryString.ToUriComponent(), UriKind.Relative));
        foreach (var (name, values) in context.Request.Headers)
        {
            if (PassedRequestHeaders.Contains(name))
            {
                request.Headers.TryAddWithoutValidation(name, values.ToArray());
            }
        }

        request.Headers.TryAddWithoutValidation(ModelGatewayRoutes.TokenHeader, token);
        if (context.Request.Method == "POST")
        {
            request.Content = new StreamContent(context.Request.Body, BufferBytes);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", context.Request.ContentType);
            request.Content.Headers.ContentLength = context.Request.ContentLength;
        }

        return request;
    }

    private static async Task PassAsync(HttpResponseMessage response, HttpContext context)
    {
        context.Response.StatusCode = (int)response.StatusCode;
        context.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        context.Response.ContentLength = response.Content.Headers.ContentLength;
        foreach (var (name, values) in response.Headers.Where(header => PassedResponseHeaders.Contains(header.Key)))
        {
            context.Response.Headers[name] = values.ToArray();
        }

        var buffer = new byte[BufferBytes];
        await using var source = await response.Content.ReadAsStreamAsync(context.RequestAborted);
        while (await source.ReadAsync(buffer, context.RequestAborted) is var count and > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, count), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    /// <summary>Refuses in the form that agents can read.</summary>
    private static Task AnswerAsync(HttpContext context, HttpStatusCode status, string type, string message)
    {
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync($$$"""{"type":"error","error":{"type":"{{{type}}}","message":"{{{message}}}"}}""", context.RequestAborted);
    }

    [LoggerMessage(3311, LogLevel.Information, "Instance {Instance} asked the model door for something else")]
    private partial void LogRefused(InstanceId instance);

    [LoggerMessage(3312, LogLevel.Warning, "The model gateway did not answer a call of {Instance}: {Error}")]
    private partial void LogGatewayFailed(InstanceId instance, HttpRequestError error);
}
