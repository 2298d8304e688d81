using System.Net.Http.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Tests.Provisioning;
using AgentPlatform.Tests.ServiceDefaults;
using Services.Gateway.People;
using Services.Gateway.Routes;
using Services.Gateway.Status;

namespace AgentPlatform.Tests.Services.Gateway;

public sealed class SystemStatusTests(Provisioned provisioned) : IClassFixture<Provisioned>
{
    [Fact]
    public async Task EveryServiceTellsWhatItReachesAndASilentOneIsShown()
    {
        // The two need each other's addresses: the services take Gateway's keys from another of its replicas.
        await using var gatewaysKeys = await ServiceStorage.StartAsync(provisioned, ServiceNames.Gateway);
        (string, string) known = ("Services:gateway:http:0", gatewaysKeys.Addresses[0]);
        await using var webhooks = await ServiceStorage.StartAsync(provisioned, ServiceNames.Webhooks, settings: known);
        await using var scheduler = await ServiceStorage.StartAsync(provisioned, ServiceNames.Scheduler, settings: known);
        await using var gateway = await StartGatewayAsync(
            ("Services:webhooks:http:0", webhooks.Addresses[0]),
            ("Services:scheduler:http:0", scheduler.Addresses[0]),
            ("Services:sessions:http:0", "http://127.0.0.1:1"));

        var system = (await gateway.Client.GetFromJsonAsync("/api/v1/system", ContractsJsonContext.Default.SystemStatus))!;

        Assert.False(system.Healthy);
        Assert.Equal([ServiceNames.Webhooks, ServiceNames.Scheduler, ServiceNames.Sessions, ServiceNames.Gateway], system.Services.Select(service => service.Name));
        Assert.All(system.Services.Where(service => service.Name != ServiceNames.Sessions), service =>
        {
            Assert.True(service.Healthy);
            Assert.Equal(["postgres", "redis"], service.Dependencies.Select(dependency => dependency.Name));
        });
        var silent = system.Services.Single(service => service.Name == ServiceNames.Sessions);
        Assert.True(silent.Error is ProblemCodes.Unavailable or ProblemCodes.UpstreamTimeout, silent.Error);
    }

    private Task<TestService> StartGatewayAsync(params (string, string)[] settings) => ServiceStorage.StartAsync(
        provisioned,
        ServiceNames.Gateway,
        builder =>
        {
            new Microsoft.AspNetCore.Authentication.AuthenticationBuilder(builder.Services).AddLocalDeveloper();
            builder.AddSystemStatus();
            builder.AddRoutes();
        },
        app =>
        {
            app.MapSystemStatus();
            app.MapRoutes();
        },
        settings);
}
