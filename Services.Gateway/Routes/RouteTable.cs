using AgentPlatform.Contracts;
using Services.Gateway.People;
using Yarp.ReverseProxy.Configuration;

namespace Services.Gateway.Routes;

/// <summary>Which service answers which part of the public address space.</summary>
internal static class RouteTable
{
    private const string Anonymous = "Anonymous";

    // A delivery may have 25 MB; Webhooks itself refuses what is larger.
    private const long WebhookBodyMax = 26 * 1024 * 1024;

    private static readonly string[] SchedulersParts = ["runs", "tasks", "workflows", "schedules", "hosts", "instances", "evals", "scores", "streams/runs"];
    private static readonly string[] SessionsParts = ["sessions", "agents", "profiles", "models", "tools", "secrets"];
    private static readonly string[] WebhooksParts = ["deliveries"];

    public static IReadOnlyList<RouteConfig> Routes { get; } =
    [
        .. SchedulersParts.Select(part => Part(part, ServiceNames.Scheduler)),
        .. SessionsParts.Select(part => Part(part, ServiceNames.Sessions)),
        .. WebhooksParts.Select(part => Part(part, ServiceNames.Webhooks)),

        // The AgentAPI middleware's own address for the same as POST /api/v1/runs.
        Route("deploy", "/deploy/pr", ServiceNames.Scheduler) with { AuthorizationPolicy = LocalDeveloper.Policy },

        // Whoever posts here proves itself to Webhooks by its signature.
        Route("webhooks", "/webhooks/{**rest}", ServiceNames.Webhooks) with { AuthorizationPolicy = Anonymous, MaxRequestBodySize = WebhookBodyMax },
    ];

    public static IReadOnlyList<ClusterConfig> Clusters { get; } =
    [
        .. Routes.Select(route => route.ClusterId!).Distinct().Select(service => new ClusterConfig
        {
            ClusterId = service,
            Destinations = new Dictionary<string, DestinationConfig> { [service] = new() { Address = $"http://{service}" } },
        }),
    ];

    private static RouteConfig Part(string part, string service) =>
        Route($"api/{part}", $"/api/v1/{part}/{{**rest}}", service) with { AuthorizationPolicy = LocalDeveloper.Policy };

    private static RouteConfig Route(string id, string path, string service) =>
        new() { RouteId = id, ClusterId = service, Match = new RouteMatch { Path = path } };
}
