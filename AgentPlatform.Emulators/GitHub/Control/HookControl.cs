using System.Text;
using AgentPlatform.Emulators.Control;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>Where webhooks go, sending them again, and sending what GitHub never would.</summary>
internal static class HookControl
{
    private const int CopiesMax = 1_000;

    public static RouteGroupBuilder MapHookControl(this RouteGroupBuilder control)
    {
        control.MapPut("webhook", (NewTarget wanted, HookTarget target) =>
        {
            target.Current = new HookTarget.Target(wanted.Url, wanted.Secret);
            return TypedResults.NoContent();
        });
        control.MapPost("ping", (GitHubState state, Webhooks webhooks) =>
        {
            lock (state.Gate)
            {
                return TypedResults.Ok(InspectControl.Describe(webhooks.Ping()));
            }
        });
        control.MapPost("deliveries/settle", SettleAsync);
        control.MapPost("deliveries/{id:long}/redeliver", (long id, Deliveries deliveries) =>
            deliveries.Find(id) is { } delivery ? TypedResults.Ok(InspectControl.Describe(deliveries.Redeliver(delivery)))
                : ControlGroup.NotFound($"delivery {id}"));
        control.MapPost("deliveries/raw", SendRawAsync);
        return control;
    }

    /// <summary>Answers when no delivery is on its way any more.</summary>
    private static async Task<IResult> SettleAsync(Deliveries deliveries, CancellationToken cancellationToken)
    {
        await deliveries.SettledAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>Sends the same bytes any number of times at once, with whatever headers, and says what each was answered.</summary>
    private static async Task<IResult> SendRawAsync(RawDelivery wanted, DeliverySender sender, HookTarget target,
        CancellationToken cancellationToken)
    {
        if ((wanted.Url ?? target.Current.Url) is not { } url || wanted.Copies is < 1 or > CopiesMax)
        {
            return ControlGroup.Problem("invalid_request", $"There is no webhook URL, or \"copies\" is not between 1 and {CopiesMax}.",
                StatusCodes.Status400BadRequest);
        }

        var body = wanted.Base64 is { } base64 ? Convert.FromBase64String(base64) : Encoding.UTF8.GetBytes(wanted.Text ?? string.Empty);
        var headers = sender.Headers(wanted.Event, wanted.Guid ?? Guid.NewGuid().ToString(), body);
        if (wanted.Secret is { } secret)
        {
            headers["X-Hub-Signature"] = Signature.Sha1(secret, body);
            headers["X-Hub-Signature-256"] = Signature.Sha256(secret, body);
        }

        foreach (var (name, value) in wanted.Headers ?? [])
        {
            headers.Remove(name);
            if (value is not null)
            {
                headers[name] = value;
            }
        }

        var outcomes = await Task.WhenAll(Enumerable.Range(0, wanted.Copies)
            .Select(_ => sender.SendAsync(url, headers, body, cancellationToken)));
        return TypedResults.Ok(outcomes.Select(outcome =>
            new { outcome.Status, outcome.StatusCode, outcome.Body, Milliseconds = outcome.Duration.TotalMilliseconds }).ToList());
    }
}
