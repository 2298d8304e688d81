using System.Net;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Authorization.Infrastructure;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>Who may only look changes nothing.</summary>
public sealed class ScopeTests : SchedulerTest
{
    private const string Run = "run_00000000000070008000000000000001";

    [Theory]
    [InlineData("POST", "api/v1/runs")]
    [InlineData("POST", $"api/v1/runs/{Run}/cancel")]
    [InlineData("POST", $"api/v1/runs/{Run}/approve")]
    [InlineData("POST", $"api/v1/runs/{Run}/rerun")]
    [InlineData("POST", "deploy/pr")]
    [InlineData("PUT", "internal/hosts/hst_00000000000070008000000000000001")]
    [InlineData("POST", "internal/spans")]
    public async Task AViewerIsHeldBackFromEverythingThatChangesSomething(string method, string path)
    {
        var (status, problem) = await Node.CallAsync(new HttpMethod(method), path, Scopes.RunsRead, body: new { });

        Assert.Equal((HttpStatusCode.Forbidden, ProblemCodes.Forbidden), (status, problem.GetProperty("code").GetString()));
    }

    [Theory]
    [InlineData("api/v1/runs", Scopes.HostsRead)]
    [InlineData($"api/v1/runs/{Run}", Scopes.RunsWrite)]
    [InlineData($"api/v1/runs/{Run}/trace", Scopes.HostsRead)]
    [InlineData($"api/v1/streams/runs/{Run}", Scopes.HostsRead)]
    [InlineData("api/v1/hosts", Scopes.RunsRead)]
    public async Task ReadingTakesTheScopeOfWhatIsRead(string path, string other) =>
        Assert.Equal(HttpStatusCode.Forbidden, (await Node.CallAsync(HttpMethod.Get, path, other)).Status);

    [Fact]
    public void EveryEndpointOfTheApiNamesAScopeAndNoneThatChangesSomethingIsOpenToReaders()
    {
        var endpoints = Node.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>().Where(IsOfTheApi).ToList();
        Assert.True(endpoints.Count >= 14, $"{endpoints.Count} endpoints");
        foreach (var endpoint in endpoints)
        {
            var reads = endpoint.Metadata.GetRequiredMetadata<HttpMethodMetadata>().HttpMethods is ["GET"];
            var scopes = endpoint.Metadata.GetOrderedMetadata<AuthorizationPolicy>().SelectMany(policy => policy.Requirements).OfType<ClaimsAuthorizationRequirement>()
                .Where(claim => claim.ClaimType == ServiceClaimTypes.Scope).SelectMany(claim => claim.AllowedValues!).ToList();
            Assert.True(scopes.Count > 0 && scopes.All(scope => scope.EndsWith(":read", StringComparison.Ordinal) == reads), $"{endpoint.DisplayName}: {string.Join(' ', scopes)}");
        }
    }

    private static bool IsOfTheApi(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText is { } path && (path.StartsWith("/api/", StringComparison.Ordinal) || path.StartsWith("/deploy/", StringComparison.Ordinal));
}
