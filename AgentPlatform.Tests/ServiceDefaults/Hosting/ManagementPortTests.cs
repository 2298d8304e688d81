using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace AgentPlatform.Tests.ServiceDefaults.Hosting;

public sealed class ManagementPortTests
{
    [Theory]
    [InlineData("/health")]
    [InlineData("/alive")]
    public async Task OutsideDevelopmentProbesAreAnsweredOnTheManagementPortOnly(string probe)
    {
        await using var service = await TestService.StartAsync(environment: "Production");
        using var management = new HttpClient { BaseAddress = new Uri(service.Addresses[1]) };

        Assert.Equal("Healthy", await management.GetStringAsync(probe));
        Assert.Equal(HttpStatusCode.NotFound, (await service.Client.GetAsync(probe)).StatusCode);
    }

    [Fact]
    public async Task AHostHeaderDoesNotOpenTheOtherDoor()
    {
        await using var service = await TestService.StartAsync(environment: "Production");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/health") { Headers = { Host = new Uri(service.Addresses[1]).Authority } };

        Assert.Equal(HttpStatusCode.NotFound, (await service.Client.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task TheManagementPortAnswersNothingElse()
    {
        await using var service = await TestService.StartAsync(map: app => app.MapGet("/asked", () => "answered"), environment: "Production");
        using var management = new HttpClient { BaseAddress = new Uri(service.Addresses[1]) };

        Assert.Equal(HttpStatusCode.NotFound, (await management.GetAsync("/asked")).StatusCode);
        Assert.Equal("answered", await service.Client.GetStringAsync("/asked"));
    }

    [Fact]
    public async Task InDevelopmentProbesAreAnsweredOnTheServicesOwnPort()
    {
        await using var service = await TestService.StartAsync();

        Assert.Single(service.Addresses);
        Assert.Equal("Healthy", await service.Client.GetStringAsync("/health"));
        Assert.Equal("Healthy", await service.Client.GetStringAsync("/alive"));
    }

    [Fact]
    public async Task ProbesAreAnsweredWithoutATokenAlsoWhereTokensAreAskedFor()
    {
        await using var service = await TestService.StartAsync(
            builder => Microsoft.Extensions.Hosting.ServiceAuthenticationExtensions.AddServiceAuthentication(builder, "scheduler"), environment: "Production");
        using var management = new HttpClient { BaseAddress = new Uri(service.Addresses[1]) };

        Assert.Equal("Healthy", await management.GetStringAsync("/health"));
    }

    [Fact]
    public async Task PortsGivenAsAContainersEnvironmentGivesThemAreKept()
    {
        // HTTP_PORTS is what the manifest sets; the addresses that it stands for must not be lost to the management address.
        await using var service = await TestService.StartAsync(
            environment: "Production", settings: [(WebHostDefaults.ServerUrlsKey, string.Empty), (WebHostDefaults.HttpPortsKey, "0")]);

        Assert.Equal(2, service.Addresses.Count);
        using var own = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{new Uri(service.Addresses[0].Replace("[::]", "localhost", StringComparison.Ordinal)).Port}") };
        Assert.Equal(HttpStatusCode.OK, (await own.GetAsync("/")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await own.GetAsync("/health")).StatusCode);
    }
}
