using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.Tests.ServiceDefaults;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Services.Gateway.People;
using Services.Gateway.Routes;

namespace AgentPlatform.Tests.Services.Gateway;

public sealed class RouteTests
{
    [Fact]
    public async Task ARequestReachesItsServiceWithGatewaysTokenInPlaceOfTheCallersCredentials()
    {
        await using var scheduler = await StartServiceAsync(ServiceNames.Scheduler);
        await using var gateway = await StartGatewayAsync("Development", ("Services:scheduler:http:0", scheduler.Addresses[0]));
        scheduler.App.Configuration["Services:gateway:http:0"] = gateway.Addresses[0];
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/runs/run_1?limit=5");
        request.Headers.Add("Cookie", "session=secret");
        request.Headers.Add("Authorization", "Bearer callers-own-key");

        var seen = await (await gateway.Client.SendAsync(request)).Content.ReadFromJsonAsync<Seen>();

        Assert.Equal(new Seen("/api/v1/runs/run_1", "?limit=5", "person:local-developer", Roles.Admin, Cookie: ""), seen);
    }

    [Fact]
    public async Task OutsideDevelopmentNobodyIsLetIn()
    {
        await using var gateway = await StartGatewayAsync("Production", ("Services:scheduler:http:0", "http://127.0.0.1:1"));

        var answer = await gateway.Client.GetAsync("/api/v1/runs");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal(ProblemCodes.Unauthenticated, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Fact]
    public async Task AServiceThatIsDownIsAProblemAndNotAFault()
    {
        await using var gateway = await StartGatewayAsync("Development", ("Services:scheduler:http:0", "http://127.0.0.1:1"));

        var answer = await gateway.Client.GetAsync("/api/v1/runs");

        Assert.Equal(HttpStatusCode.BadGateway, answer.StatusCode);
        Assert.Equal(ProblemCodes.BadGateway, (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    [Theory]
    [InlineData("127.0.0.1", "localhost:5080", null, true)]
    [InlineData("127.0.0.1", "127.0.0.1:5080", null, true)]
    [InlineData("::1", "[::1]:5080", null, true)]
    [InlineData("127.0.0.1", "localhost:5080", "http://localhost:5080", true)]
    [InlineData("192.168.1.7", "localhost:5080", null, false)]
    [InlineData("127.0.0.1", "rebound.example:5080", null, false)]
    [InlineData("127.0.0.1", "localhost.example:5080", null, false)]
    [InlineData("127.0.0.1", "localhost:5080", "https://evil.example", false)]
    [InlineData("127.0.0.1", "localhost:5080", "null", false)]
    [InlineData(null, "localhost:5080", null, false)]
    public void OnlyWhoSitsAtTheMachineIsTheLocalDeveloper(string? from, string host, string? origin, bool isLocal)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = from is null ? null : IPAddress.Parse(from);
        context.Request.Host = new HostString(host);
        if (origin is not null)
        {
            context.Request.Headers.Origin = origin;
        }

        Assert.Equal(isLocal, LocalDeveloper.IsLocal(context));
    }

    /// <summary>A service that tells what it got.</summary>
    private static Task<TestService> StartServiceAsync(string name) => TestService.StartAsync(
        builder => builder.AddServiceAuthentication(name),
        app => app.Map("/{**rest}", (HttpContext context) => new Seen(
            context.Request.Path,
            context.Request.QueryString.Value,
            context.User.Identity?.Name,
            context.User.FindFirst(ServiceClaimTypes.Role)?.Value,
            context.Request.Headers.Cookie.ToString())),
        name);

    private static Task<TestService> StartGatewayAsync(string environment, params (string, string)[] settings) => TestService.StartAsync(
        builder =>
        {
            builder.AddServiceAuthentication(ServiceNames.Gateway).AddLocalDeveloper();
            builder.AddRoutes();
        },
        app => app.MapRoutes(),
        ServiceNames.Gateway, environment, settings);

    private sealed record Seen(string? Path, string? Query, string? Caller, string? Role, string Cookie);
}
