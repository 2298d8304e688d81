using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using AgentPlatform.Tests.Hosts;
using AgentPlatform.Tests.Services.Webhooks;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Services.Gateway.People;
using Services.Gateway.Routes;

namespace AgentPlatform.Tests.Services.Gateway;

/// <summary>Deliveries as people get at them: through Gateway, from the intake service itself.</summary>
public sealed class DeliveryRoutesTests : WebhooksTest
{
    private const string Identity = "tests-only-identity-of-gateway";

    [Theory]
    [InlineData(Roles.Admin, HttpStatusCode.OK, HttpStatusCode.Accepted)]
    [InlineData(Roles.Developer, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    [InlineData(Roles.Viewer, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden)]
    public async Task WhatADeliveryCarriedAndItsReplayAreTheOperators(string role, HttpStatusCode payload, HttpStatusCode replay)
    {
        await using var webhooks = await StartAsync(new() { ["ServiceIdentity:TrustedKeys:gateway"] = Keys() });
        var body = Payloads.PullRequest();
        using var request = Payloads.Request(body);
        var id = DeliveryId.Parse((await webhooks.SendAsync(request)).Answer.GetProperty("id").GetString());
        await webhooks.AcknowledgeAsync(id, 1, DeliveryOutcome.Handled);
        await Eventually.TrueAsync(async () => (await webhooks.StatesAsync())[0] == "handled", "settled");
        await using var gateway = await GatewayAsync(webhooks, role);
        using var client = new HttpClient { BaseAddress = new Uri(gateway.Urls.First()) };

        using var read = await client.GetAsync($"api/v1/deliveries/{id}");
        using var carried = await client.GetAsync($"api/v1/deliveries/{id}/payload");
        using var replayed = await client.PostAsync($"api/v1/deliveries/{id}/replay", null);

        Assert.Equal((HttpStatusCode.OK, payload, replay), (read.StatusCode, carried.StatusCode, replayed.StatusCode));
        var answer = await carried.Content.ReadAsByteArrayAsync();
        Assert.Equal(role == Roles.Admin, body.SequenceEqual(answer));
        Assert.Equal(role == Roles.Admin ? "pending" : "handled", (await webhooks.StatesAsync())[0]);
    }

    private static async Task<WebApplication> GatewayAsync(WebhooksNode webhooks, string role)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development", ApplicationName = "Services.Gateway" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ServiceIdentity:Secret"] = Identity,
            ["Services:webhooks:http:0"] = webhooks.Client.BaseAddress!.ToString(),
        });
        builder.AddServiceDefaults(ServiceNames.Gateway);
        builder.AddServiceAuthentication(ServiceNames.Gateway).AddLocalDeveloper().AddScheme<SomebodyOptions, Somebody>(nameof(Somebody), options => options.Role = role);
        builder.Services.AddAuthorizationBuilder().AddPolicy(LocalDeveloper.Policy, policy => policy.AddAuthenticationSchemes(nameof(Somebody)).RequireAuthenticatedUser());
        builder.AddRoutes();
        builder.Logging.ClearProviders();
        var gateway = builder.Build();
        gateway.MapDefaultEndpoints();
        gateway.MapRoutes();
        await gateway.StartAsync();
        return gateway;
    }

    private static string Keys()
    {
        using var key = SigningKey.Derive(Identity, ServiceNames.Gateway);
        return JsonSerializer.Serialize(new JsonWebKeySet([key.Public.ToJsonWebKey()]), KeysJsonContext.Default.JsonWebKeySet);
    }

    private sealed class SomebodyOptions : AuthenticationSchemeOptions
    {
        public string Role { get; set; } = Roles.Viewer;
    }

    /// <summary>A person of a given role, whoever calls.</summary>
    private sealed class Somebody(IOptionsMonitor<SomebodyOptions> options, ILoggerFactory loggers, UrlEncoder encoder) : AuthenticationHandler<SomebodyOptions>(options, loggers, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            Claim[] claims =
            [
                new(ServiceClaimTypes.Subject, "person:somebody"), new(ServiceClaimTypes.Role, Options.Role), new(ServiceClaimTypes.Tenant, Ownership.DefaultTenant.ToString()),
            ];
            var person = new ClaimsPrincipal(new ClaimsIdentity(claims, nameof(Somebody), ServiceClaimTypes.Subject, ServiceClaimTypes.Role));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(person, nameof(Somebody))));
        }
    }
}
