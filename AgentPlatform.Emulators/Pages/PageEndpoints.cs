using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.State;
using AgentPlatform.Emulators.Models.Control;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.Pages;

/// <summary>What the page of a delivery shows.</summary>
public sealed record DeliveryModel(long Id, string Event, string? Action, string DeliveryGuid, string Status, bool Succeeded, string? Url,
    string Headers, string Payload, string Answer);

/// <summary>Pages for a person: what there is, a pull request as GitHub shows it, a delivery.</summary>
internal static class PageEndpoints
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    public static WebApplicationBuilder AddPages(this WebApplicationBuilder builder)
    {
        builder.Services.AddRazorComponents();
        return builder;
    }

    public static WebApplication MapPages(this WebApplication app)
    {
        var basePath = app.Services.GetRequiredService<IOptions<GitHubOptions>>().Value.BasePath;
        app.MapGet("/", (HttpContext context, GitHubState state, Urls urls, HookTarget target, Deliveries deliveries, ModelCalls calls) =>
            Page<OverviewPage>(context, OverviewModel.Of(state, urls, target, deliveries, calls)));
        app.MapGet($"{basePath}/{{owner}}/{{name}}/pull/{{number:int}}",
            (HttpContext context, string owner, string name, int number, GitHubState state) =>
        {
            lock (state.Gate)
            {
                return state.FindRepository(owner, name)?.FindPull(number) is { } pull ? Page<PullPage>(context, PullModel.Of(pull))
                    : (IResult)TypedResults.NotFound();
            }
        });
        // Where a check run's own address leads: to the pull request of its commit.
        app.MapGet($"{basePath}/{{owner}}/{{name}}/runs/{{id:long}}", (string owner, string name, long id, GitHubState state) =>
        {
            lock (state.Gate)
            {
                var repository = state.FindRepository(owner, name);
                var run = repository?.CheckRuns.Find(candidate => candidate.Id == id);
                return repository?.Pulls.FindLast(pull => pull.Change.HeadSha == run?.HeadSha) is { } pull
                    ? TypedResults.Redirect($"{basePath}/{repository.FullName}/pull/{pull.Number}")
                    : (IResult)TypedResults.NotFound();
            }
        });
        app.MapGet("/deliveries/{id:long}", (HttpContext context, long id, Deliveries deliveries) =>
            deliveries.Find(id) is { } delivery ? Page<DeliveryPage>(context, Describe(delivery)) : (IResult)TypedResults.NotFound());
        return app;
    }

    private static RazorComponentResult<T> Page<T>(HttpContext context, object model)
        where T : IComponent
    {
        var nonce = RandomNumberGenerator.GetHexString(32);
        context.Response.Headers.ContentSecurityPolicy = $"default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-{nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        context.Response.Headers.CacheControl = "no-store";
        return new RazorComponentResult<T>(new Dictionary<string, object?> { ["Model"] = model, ["Nonce"] = nonce });
    }

    private static DeliveryModel Describe(Delivery delivery) => new(
        delivery.Id, delivery.Event, delivery.Action, delivery.Guid, delivery.Outcome is { } outcome
            ? $"{outcome.StatusCode} {outcome.Status}" : "on its way", delivery.Outcome?.Succeeded == true, delivery.Url,
        string.Join('\n', delivery.RequestHeaders.Select(pair => $"{pair.Key}: {pair.Value}")),
        JsonNode.Parse(delivery.Payload)!.ToJsonString(Readable), delivery.Outcome?.Body ?? string.Empty);
}
