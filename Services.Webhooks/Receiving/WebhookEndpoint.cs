using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Problems;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.Options;
using Services.Webhooks.Payloads;
using Services.Webhooks.Storage;

namespace Services.Webhooks.Receiving;

/// <summary>
/// <c>POST /webhooks/github</c>: verify, store, answer. 202 means that the delivery is committed; everything else means that it is not, and why.
/// </summary>
internal sealed partial class WebhookEndpoint(
    WebhookSecrets secrets, BodyBudget budget, IntakeQueue queue, WebhooksTelemetry telemetry, IOptions<WebhookOptions> options, TimeProvider time, ILogger<WebhookEndpoint> logger)
{
    private const int RetryAfterSeconds = 5;
    private const string PingEvent = "ping";
    private static readonly TimeSpan SlowestGrace = TimeSpan.FromSeconds(5);

    private readonly MinDataRate _slowest = new(
        bytesPerSecond: options.Value.BodyMax / options.Value.BodyTimeout.TotalSeconds, gracePeriod: Shorter(options.Value.BodyTimeout, SlowestGrace));

    private static ReadOnlySpan<byte> Pong => """{"status":"pong"}"""u8;

    public async Task HandleAsync(HttpContext context)
    {
        var refusal = DeliveryHeaders.Read(context.Request.Headers, out var headers);
        if (refusal is not null)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        LimitBodyTime(context);
        try
        {
            var (body, fault) = await PooledBody.ReadAsync(
                context.Request.Body, context.Request.ContentLength, options.Value.BodyMax, budget, context.RequestAborted);
            using (body)
            {
                await (body is null
                    ? RefuseAsync(context, fault == BodyFault.TooLarge ? Refusal.TooLarge : Refusal.Busy)
                    : HandleAsync(context, headers, body.Bytes));
            }
        }
        catch (Microsoft.AspNetCore.Http.BadHttpRequestException exception)
        {
            // The server found the body malformed, cut short or too slow.
            await RefuseAsync(context, exception.StatusCode == StatusCodes.Status408RequestTimeout
                ? Refusal.TooSlow
                : new Refusal(exception.StatusCode, Problem.CodeOf(exception.StatusCode), "The body could not be read."));
        }
    }

    /// <summary>A rate below which the server gives up. At it, the largest body takes exactly the allowed time, so that no body takes longer; no timer of our own is needed.</summary>
    private void LimitBodyTime(HttpContext context)
    {
        if (HttpProtocol.IsHttp11(context.Request.Protocol) && context.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate)
        {
            rate.MinDataRate = _slowest;
        }
    }

    private async Task HandleAsync(HttpContext context, DeliveryHeaders headers, ReadOnlyMemory<byte> body)
    {
        if (SignatureValidator.Validate(headers.Signature, body.Span, secrets.Keys) != SignatureResult.Valid)
        {
            LogSignatureRefused(logger, headers.DeliveryGuid, headers.Event);
            await RefuseAsync(context, Refusal.Signature);
            return;
        }

        if (Scan(headers.Format, body.Span, out var facts) is { } refusal)
        {
            await RefuseAsync(context, refusal);
            return;
        }

        if (headers.Event == PingEvent)
        {
            telemetry.Received("ping");
            await AnswerAsync(context, StatusCodes.Status200OK, Pong.ToArray());
            return;
        }

        var delivery = NewDelivery.Create(
            time, headers.DeliveryGuid, headers.Event, headers.Format, DeliverySource.Webhook, body.Span, BodyHash.OfVerified(headers.Signature), facts!, Activity.Current?.Id);
        if (queue.TryAdd(delivery) is not { } stored)
        {
            delivery.Dispose();
            await RefuseAsync(context, Refusal.Busy);
            return;
        }

        await AnswerStoredAsync(context, stored);
    }

    private async Task AnswerStoredAsync(HttpContext context, Task<StoreResult> stored)
    {
        StoreResult result;
        try
        {
            result = await stored;
        }
        catch (DeliveryNotStoredException)
        {
            await RefuseAsync(context, Refusal.NotStored);
            return;
        }

        var status = result.Outcome == StoreOutcome.Accepted ? "accepted" : "duplicate";
        telemetry.Received(result.Outcome == StoreOutcome.Copy ? "copy" : status);
        await AnswerAsync(context, StatusCodes.Status202Accepted, System.Text.Encoding.ASCII.GetBytes($$"""{"id":"{{result.Id}}","status":"{{status}}"}"""));
    }

    private static Refusal? Scan(PayloadFormat format, ReadOnlySpan<byte> body, out PayloadFacts? facts)
    {
        if (format == PayloadFormat.Json)
        {
            facts = PayloadScanner.Scan(body);
            return facts is null ? Refusal.Payload : null;
        }

        var payload = ArrayPool<byte>.Shared.Rent(body.Length);
        try
        {
            facts = null;
            if (!FormPayload.TryDecode(body, payload, out var written))
            {
                return Refusal.Form;
            }

            facts = PayloadScanner.Scan(payload.AsSpan(0, written));
            return facts is null ? Refusal.Payload : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }

    private static async Task AnswerAsync(HttpContext context, int status, byte[] json)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    private async Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        telemetry.Received(refusal.Code);
        if (refusal.Status == StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        await Problem.Of(refusal.Status, refusal.Code, refusal.Detail).ExecuteAsync(context);
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    [LoggerMessage(1031, LogLevel.Warning, "A delivery was refused: its signature is not by a live secret. It calls itself {Guid}, event {Event}")]
    private static partial void LogSignatureRefused(ILogger logger, Guid guid, string @event);
}
