using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.Tests.ServiceDefaults.Identity;

public sealed class ServiceAuthenticationTests
{
    [Fact]
    public async Task AServiceCallsAnotherThroughDiscoveryWithItsToken()
    {
        await using var webhooks = await StartAsync(ServiceNames.Webhooks);
        await using var scheduler = await StartSchedulerAsync(("Services:webhooks:http:0", webhooks.Addresses[0]));
        await using var caller = await StartAsync(
            ServiceNames.Webhooks,
            builder => builder.Services.AddServiceHttpClient(ServiceNames.Scheduler, Scopes.RunsRead),
            settings: ("Services:scheduler:http:0", scheduler.Addresses[0]));

        var client = caller.Services.GetRequiredService<IHttpClientFactory>().CreateClient(ServiceNames.Scheduler);

        // The caller is another replica of Webhooks: the keys that the first one publishes verify its token as well.
        Assert.Equal("service:webhooks", await client.GetStringAsync("/runs"));
    }

    [Fact]
    public async Task WithoutATokenNothingIsAnswered()
    {
        await using var scheduler = await StartSchedulerAsync();

        var answer = await scheduler.Client.GetAsync("/runs");

        Assert.Equal((HttpStatusCode.Unauthorized, "Bearer"), (answer.StatusCode, answer.Headers.WwwAuthenticate.ToString()));
        Assert.Equal(ProblemCodes.Unauthenticated, await CodeAsync(answer));
    }

    [Fact]
    public async Task AnEndpointThatNamesNoPolicyStillAsksForAToken()
    {
        await using var scheduler = await StartAsync(ServiceNames.Scheduler, map: app => app.MapGet("/forgotten", () => "open"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await scheduler.Client.GetAsync("/forgotten")).StatusCode);
    }

    [Fact]
    public async Task ATokenWithoutTheScopeIsNotEnough()
    {
        await using var webhooks = await StartAsync(ServiceNames.Webhooks);
        await using var scheduler = await StartSchedulerAsync(("Services:webhooks:http:0", webhooks.Addresses[0]));

        var answer = await SendAsync(scheduler, Token(webhooks, ServiceNames.Scheduler, Scopes.StatusRead));

        Assert.Equal((HttpStatusCode.Forbidden, ProblemCodes.Forbidden), (answer.StatusCode, await CodeAsync(answer)));
    }

    [Fact]
    public async Task ATokenForAnotherServiceIsRefused()
    {
        await using var webhooks = await StartAsync(ServiceNames.Webhooks);
        await using var scheduler = await StartSchedulerAsync(("Services:webhooks:http:0", webhooks.Addresses[0]));

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(scheduler, Token(webhooks, ServiceNames.Sessions, Scopes.RunsRead))).StatusCode);
    }

    [Fact]
    public async Task ATokenOfAServiceWithAnotherSecretIsRefused()
    {
        await using var webhooks = await StartAsync(ServiceNames.Webhooks);
        await using var impostor = await StartAsync(ServiceNames.Webhooks, settings: ("ServiceIdentity:Secret", "the-impostor's-own-secret-0123456789"));
        await using var scheduler = await StartSchedulerAsync(("Services:webhooks:http:0", webhooks.Addresses[0]));

        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(scheduler, Token(impostor, ServiceNames.Scheduler, Scopes.RunsRead))).StatusCode);
    }

    [Fact]
    public async Task AfterASecretWasChangedTheOldReplicasTokensAreStillAccepted()
    {
        const string Old = "the-old-secret-0123456789-0123456789";
        await using var oldReplica = await StartAsync(ServiceNames.Webhooks, settings: ("ServiceIdentity:Secret", Old));
        await using var newReplica = await StartAsync(ServiceNames.Webhooks, settings: ("ServiceIdentity:PreviousSecret", Old));
        await using var scheduler = await StartSchedulerAsync(("Services:webhooks:http:0", newReplica.Addresses[0]));

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(scheduler, Token(oldReplica, ServiceNames.Scheduler, Scopes.RunsRead))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(scheduler, Token(newReplica, ServiceNames.Scheduler, Scopes.RunsRead))).StatusCode);
    }

    [Fact]
    public async Task KeysOfAHostOutsideTheClusterAreTakenFromConfiguration()
    {
        await using var host = await StartAsync("host-7");
        var keys = await host.Client.GetStringAsync("/.well-known/service-keys");
        await using var scheduler = await StartSchedulerAsync(("ServiceIdentity:TrustedKeys:host-7", keys));
        await using var another = await StartSchedulerAsync();

        var token = Token(host, ServiceNames.Scheduler, Scopes.RunsRead);

        Assert.Equal(HttpStatusCode.OK, (await SendAsync(scheduler, token)).StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(another, token)).StatusCode);
    }

    [Fact]
    public async Task AServicesOwnTokenIsKeptUntilItIsNearlyOver()
    {
        var time = new Fakes.ManualTimeProvider();
        await using var webhooks = await StartAsync(ServiceNames.Webhooks, builder => builder.Services.AddSingleton<TimeProvider>(time));

        var first = Token(webhooks, ServiceNames.Scheduler, Scopes.RunsRead);
        time.Advance(TimeSpan.FromMinutes(4) - TimeSpan.FromSeconds(1));
        Assert.Equal(first, Token(webhooks, ServiceNames.Scheduler, Scopes.RunsRead));
        Assert.NotEqual(first, Token(webhooks, ServiceNames.Scheduler, Scopes.RunsWrite));

        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotEqual(first, Token(webhooks, ServiceNames.Scheduler, Scopes.RunsRead));
    }

    private static Task<TestService> StartSchedulerAsync(params (string, string)[] settings) => StartAsync(
        ServiceNames.Scheduler,
        map: app => app.MapGet("/runs", (HttpContext context) => context.User.Identity!.Name).RequireScope(Scopes.RunsRead),
        settings: settings);

    private static Task<TestService> StartAsync(
        string name, Action<WebApplicationBuilder>? build = null, Action<WebApplication>? map = null, params (string, string)[] settings) => TestService.StartAsync(
        builder =>
        {
            builder.AddServiceAuthentication(name);
            build?.Invoke(builder);
        },
        map, name, settings: settings);

    private static string Token(TestService service, string audience, string scope) =>
        service.Services.GetRequiredService<ServiceTokens>().ForItself(audience, [scope]);

    private static async Task<HttpResponseMessage> SendAsync(TestService service, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/runs");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return await service.Client.SendAsync(request);
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement.GetProperty("code").GetString();
}
