using System.Text;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.Control;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Checks;
using AgentPlatform.Emulators.GitHub.Comments;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>Looking at what the platform has done.</summary>
internal static class InspectControl
{
    public static RouteGroupBuilder MapInspectControl(this RouteGroupBuilder control)
    {
        control.MapGet("repositories/{owner}/{name}/state", GetState);
        control.MapGet("calls", ListCalls);
        control.MapDelete("calls", (CallLog log) =>
        {
            log.Clear();
            return TypedResults.NoContent();
        });
        control.MapGet("deliveries", ListDeliveries);
        control.MapGet("deliveries/{id:long}", GetDelivery);
        return control;
    }

    /// <summary>
    /// Everything of a repository at one moment: pull requests, check runs with all their annotations, comments, statuses, reviews.
    /// </summary>
    private static IResult GetState(string owner, string name, GitHubState state, Urls urls)
    {
        if (state.FindRepository(owner, name) is not { } repository)
        {
            return ControlGroup.NotFound($"repository {owner}/{name}");
        }

        lock (state.Gate)
        {
            return TypedResults.Ok(new
            {
                Pulls = repository.Pulls.Select(pull => PullControl.Describe(pull, urls)).ToList(),
                CheckRuns = new JsonArray([.. repository.CheckRuns.Select(run => CheckRun(repository, run, urls))]),
                Comments = new JsonArray([.. repository.Comments.Select(comment => urls.Comment(repository, comment))]),
                Statuses = repository.Statuses.Select(status =>
                    new { status.Sha, status.Context, status.State, status.Description, status.TargetUrl }).ToList(),
                Reviews = repository.Pulls.SelectMany(pull =>
                    pull.Reviews.Select(review => new { pull.Number, review.Id, review.State, review.Body, review.Comments })).ToList(),
            });
        }
    }

    private static JsonObject CheckRun(Repository repository, CheckRun run, Urls urls)
    {
        var shape = urls.CheckRun(repository, run);
        shape["annotations"] = new JsonArray([.. run.Annotations.Select(annotation => urls.Annotation(repository, run, annotation))]);
        shape["actions"] = new JsonArray([.. run.Actions.Select(action =>
            new JsonObject { ["label"] = action.Label, ["description"] = action.Description, ["identifier"] = action.Identifier })]);
        return shape;
    }

    private static List<CallRecord> ListCalls(CallLog log, string? method, string? path) =>
        [.. log.List().Where(call => method is null || call.Method.Equals(method, StringComparison.OrdinalIgnoreCase))
            .Where(call => path is null || call.Path.Contains(path, StringComparison.OrdinalIgnoreCase))];

    private static List<object> ListDeliveries(Deliveries deliveries, string? @event, string? action, long? repositoryId) =>
        [.. deliveries.List().Where(delivery => (@event is null || delivery.Event == @event) &&
            (action is null || delivery.Action == action) && (repositoryId is null || delivery.RepositoryId == repositoryId))
            .Select(Describe)];

    private static IResult GetDelivery(long id, Deliveries deliveries) => deliveries.Find(id) is { } delivery
        ? TypedResults.Ok(new
        {
            Delivery = Describe(delivery),
            delivery.RequestHeaders,
            Payload = Encoding.UTF8.GetString(delivery.Payload),
            Response = delivery.Outcome?.Body,
            ResponseHeaders = delivery.Outcome?.Headers,
        })
        : ControlGroup.NotFound($"delivery {id}");

    public static object Describe(Delivery delivery) => new
    {
        delivery.Id,
        delivery.Guid,
        delivery.Event,
        delivery.Action,
        delivery.DeliveredAt,
        delivery.Redelivery,
        delivery.RepositoryId,
        delivery.InstallationId,
        Bytes = delivery.Payload.Length,
        Status = delivery.Outcome?.Status ?? "pending",
        StatusCode = delivery.Outcome?.StatusCode,
        Milliseconds = delivery.Outcome?.Duration.TotalMilliseconds,
    };
}
