using System.Globalization;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Hooks;

/// <summary>The App's deliveries: listing them, looking at one, sending one again.</summary>
internal static class HookEndpoints
{
    private const string CursorPrefix = "v1_";

    public static RouteGroupBuilder MapHooks(this RouteGroupBuilder api)
    {
        api.MapGet("app/hook/config", GetConfig).ForApp();
        api.MapGet("app/hook/deliveries", List).ForApp();
        api.MapGet("app/hook/deliveries/{id:long}", Get).ForApp();
        api.MapPost("app/hook/deliveries/{id:long}/attempts", Redeliver).ForApp();
        return api;
    }

    private static Answer GetConfig(HookTarget target)
    {
        var config = new JsonObject { ["content_type"] = "json", ["insecure_ssl"] = "0" };
        if (target.Current.Url is { } url)
        {
            config["url"] = url;
        }

        if (target.Current.Secret is not null)
        {
            config["secret"] = "********";
        }

        return Answer.Ok(config);
    }

    private static Answer List(GitHubCall call, Deliveries deliveries, Urls urls)
    {
        var (status, cursor) = (call.Query("status"), call.Query("cursor"));
        if (status is not (null or "success" or "failure"))
        {
            return Answer.Error(422, "Validation Failed",
                [new JsonObject { ["resource"] = "HookDelivery", ["code"] = "invalid", ["field"] = "status" }]);
        }

        if (!TryReadCursor(cursor, out var before))
        {
            return Answer.Error(422, "Validation Failed",
                [new JsonObject { ["resource"] = "HookDelivery", ["code"] = "invalid", ["field"] = "cursor" }]);
        }

        var matching = deliveries.List()
            .Where(delivery => delivery.Outcome is not null && (before is null || delivery.Id < before))
            .Where(delivery => status is null || delivery.Outcome!.Succeeded == (status == "success"))
            .Take(call.PerPage() + 1)
            .ToList();
        var page = matching.Take(call.PerPage()).ToList();
        var answer = Answer.Ok(new JsonArray([.. page.Select(Item)]));
        if (matching.Count > page.Count)
        {
            answer.Headers["Link"] = call.Link(urls, "next", ("cursor", CursorPrefix + page[^1].Id.ToString(CultureInfo.InvariantCulture)));
        }

        return answer;
    }

    private static Answer Get(long id, Deliveries deliveries)
    {
        if (deliveries.Find(id) is not { Outcome: not null } delivery)
        {
            return Answer.NotFound();
        }

        var shape = Item(delivery);
        shape["url"] = delivery.Url ?? string.Empty;
        shape["request"] = new JsonObject
        {
            ["headers"] = Headers(delivery.RequestHeaders),
            ["payload"] = JsonNode.Parse(delivery.Payload),
        };
        shape["response"] = new JsonObject { ["headers"] = Headers(delivery.Outcome.Headers), ["payload"] = delivery.Outcome.Body };
        return Answer.Ok(shape);
    }

    private static Answer Redeliver(long id, Deliveries deliveries)
    {
        if (deliveries.Find(id) is not { } delivery)
        {
            return Answer.NotFound();
        }

        deliveries.Redeliver(delivery);
        return new Answer { Status = 202, Body = new JsonObject() };
    }

    private static bool TryReadCursor(string? cursor, out long? before)
    {
        before = null;
        if (cursor is null)
        {
            return true;
        }

        if (!cursor.StartsWith(CursorPrefix, StringComparison.Ordinal) ||
            !long.TryParse(cursor.AsSpan(CursorPrefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return false;
        }

        before = id;
        return true;
    }

    private static JsonObject Item(Delivery delivery) => new()
    {
        ["id"] = delivery.Id,
        ["guid"] = delivery.Guid,
        ["delivered_at"] = Urls.Time(delivery.DeliveredAt),
        ["redelivery"] = delivery.Redelivery,
        ["duration"] = Math.Round(delivery.Outcome!.Duration.TotalSeconds, 2),
        ["status"] = delivery.Outcome.Status,
        ["status_code"] = delivery.Outcome.StatusCode,
        ["event"] = delivery.Event,
        ["action"] = delivery.Action,
        ["installation_id"] = delivery.InstallationId,
        ["repository_id"] = delivery.RepositoryId,
        ["throttled_at"] = null,
    };

    private static JsonObject Headers(IReadOnlyDictionary<string, string> headers)
    {
        var shape = new JsonObject();
        foreach (var (name, value) in headers)
        {
            shape[name] = value;
        }

        return shape;
    }
}
