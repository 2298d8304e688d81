using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Models;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Services.Sessions.Reviews;

namespace Services.Sessions.ModelGateway;

/// <summary>
/// The one place that talks to model providers and the only one that holds their keys. It forwards allowed paths, fields and models,
/// reserves budget before each call, and counts what passes. Neither prompt nor answer is logged, traced or kept.
/// </summary>
internal sealed class ModelGatewayEndpoints(
    IHttpClientFactory clients, RunTokens tokens, Spend spend, CallBodies bodies, IOptionsMonitor<AnthropicOptions> anthropic, IOptionsMonitor<ModelBudgetOptions> budget)
{
    /// <summary>The named client: no standard resilience, since an answer streams for minutes and the agent itself tries again.</summary>
    public const string ClientName = "anthropic";

    private const int BodyMax = 32 * 1024 * 1024;
    private const int BufferSize = 16 * 1024;

    private static readonly string[] PassedRequestHeaders = ["anthropic-version", "anthropic-beta", "accept"];
    private static readonly string[] PassedResponseHeaders = ["request-id", "retry-after", "anthropic-organization-id"];

    public static void Map(IEndpointRouteBuilder routes)
    {
        var gateway = routes.MapGroup(ModelGatewayRoutes.Base).RequireScope(Scopes.ModelsUse).WithTags("Model gateway");
        gateway.MapPost($"/{ModelGatewayRoutes.Anthropic}/v1/messages", (HttpContext http, ModelGatewayEndpoints self) => self.ForwardAsync(http, "v1/messages"));
        gateway.MapPost($"/{ModelGatewayRoutes.Anthropic}/v1/messages/count_tokens", (HttpContext http, ModelGatewayEndpoints self) => self.ForwardAsync(http, "v1/messages/count_tokens"));
    }

    private async Task ForwardAsync(HttpContext http, string path)
    {
        var aborted = http.RequestAborted;
        if (await tokens.FindAsync(http.Request.Headers[ModelGatewayRoutes.TokenHeader], aborted) is not { } token)
        {
            await RefuseAsync(http, 401, ProblemCodes.Unauthenticated, "the run's token is missing, ended, or not ours");
            return;
        }

        if (anthropic.CurrentValue is not { ApiKey: { Length: > 0 } key })
        {
            await RefuseAsync(http, 503, ProblemCodes.Unavailable, "Models:Anthropic:ApiKey is not set on this platform");
            return;
        }

        // One byte at least, so that a call counts though it says that it is empty.
        using var room = bodies.TryTake(token.SessionId, Math.Clamp(http.Request.ContentLength ?? BodyMax, 1, BodyMax));
        if (room is null)
        {
            await RefuseAsync(http, 503, ProblemCodes.Unavailable, "too many and too large calls at a time");
            return;
        }

        http.Features.Get<IHttpMaxRequestBodySizeFeature>()?.MaxRequestBodySize = BodyMax;
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, aborted);
        var call = AnthropicRequest.Read(body.GetBuffer().AsMemory(0, (int)body.Length), budget.CurrentValue.AllowedModels);
        if (call.Refusal is { } refusal)
        {
            await RefuseAsync(http, 400, ProblemCodes.InvalidRequest, refusal);
            return;
        }

        if (await spend.ReserveAsync(token, ModelGatewayRoutes.Anthropic, call.Model, call.OutputMax, aborted) is not { } entry)
        {
            await RefuseAsync(http, 429, ProblemCodes.RateLimited, "the session's model budget is used up");
            return;
        }

        await PassAsync(http, path, key, call, entry, body);
    }

    private async Task PassAsync(HttpContext http, string path, string key, AnthropicRequest call, long entry, MemoryStream body)
    {
        using var activity = ReviewDriver.Source.StartActivity($"chat {call.Model}", ActivityKind.Client);
        activity?.SetTag("gen_ai.operation.name", "chat");
        activity?.SetTag("gen_ai.provider.name", ModelGatewayRoutes.Anthropic);
        activity?.SetTag("gen_ai.request.model", call.Model);
        var (usage, status) = (new AnthropicUsage(stream: false), 0);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"{anthropic.CurrentValue.BaseUrl.AbsoluteUri.TrimEnd('/')}/{path}"));
            request.Content = new ByteArrayContent(body.GetBuffer(), 0, (int)body.Length);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            request.Headers.Add("x-api-key", key);
            foreach (var name in PassedRequestHeaders.Where(name => http.Request.Headers.ContainsKey(name)))
            {
                request.Headers.TryAddWithoutValidation(name, http.Request.Headers[name].ToArray());
            }

            using var response = await clients.CreateClient(ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, http.RequestAborted);
            status = (int)response.StatusCode;
            usage = new AnthropicUsage(response.Content.Headers.ContentType?.MediaType == "text/event-stream");
            await CopyAsync(response, http, usage);
        }
        catch (HttpRequestException) when (!http.Response.HasStarted)
        {
            status = (int)HttpStatusCode.BadGateway;
            await RefuseAsync(http, status, ProblemCodes.BadGateway, "the model provider does not answer");
        }
        finally
        {
            var total = usage.Total;
            activity?.SetTag("gen_ai.usage.input_tokens", total.InputTokens);
            activity?.SetTag("gen_ai.usage.output_tokens", total.OutputTokens);
            activity?.SetTag("http.response.status_code", status);

            // Also when the agent went away in the middle: what was used was used.
            await spend.SettleAsync(entry, call.Model, total, status, CancellationToken.None);
        }
    }

    private static async Task CopyAsync(HttpResponseMessage response, HttpContext http, AnthropicUsage usage)
    {
        http.Response.StatusCode = (int)response.StatusCode;
        http.Response.ContentType = response.Content.Headers.ContentType?.ToString();
        foreach (var name in PassedResponseHeaders)
        {
            if (response.Headers.TryGetValues(name, out var values))
            {
                http.Response.Headers[name] = values.ToArray();
            }
        }

        var buffer = new byte[BufferSize];
        await using var source = await response.Content.ReadAsStreamAsync(http.RequestAborted);
        while (await source.ReadAsync(buffer, http.RequestAborted) is var count and > 0)
        {
            usage.Pass(buffer.AsSpan(0, count));
            await http.Response.Body.WriteAsync(buffer.AsMemory(0, count), http.RequestAborted);
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
    }

    /// <summary>A refusal in the provider's own form, which is what agents can read, with our stable code beside it.</summary>
    private static Task RefuseAsync(HttpContext http, int status, string code, string why)
    {
        http.Response.StatusCode = status;

        // Agents repeat a call for minutes unless they are told that it cannot help.
        http.Response.Headers["x-should-retry"] = status >= 500 ? "true" : "false";
        return http.Response.WriteAsJsonAsync(
            new ModelRefusal("error", new ModelRefusalDetail(status switch { 401 => "authentication_error", 429 => "rate_limit_error", 400 => "invalid_request_error", _ => "api_error" }, why), code),
            ModelGatewayJsonContext.Default.ModelRefusal,
            cancellationToken: http.RequestAborted);
    }
}

internal sealed record ModelRefusal(string Type, ModelRefusalDetail Error, string Code);

internal sealed record ModelRefusalDetail(string Type, string Message);

[System.Text.Json.Serialization.JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[System.Text.Json.Serialization.JsonSerializable(typeof(ModelRefusal))]
internal sealed partial class ModelGatewayJsonContext : System.Text.Json.Serialization.JsonSerializerContext;
