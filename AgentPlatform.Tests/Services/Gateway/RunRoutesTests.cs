using System.Net;
using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Services.Gateway.People;
using Services.Gateway.Routes;

namespace AgentPlatform.Tests.Services.Gateway;

public sealed class RunRoutesTests
{
    [Theory]
    [InlineData("GET", "api/v1/runs")]
    [InlineData("GET", "api/v1/runs/run_0/log?step=test")]
    [InlineData("GET", "api/v1/streams/runs/run_0")]
    [InlineData("GET", "api/v1/hosts")]
    [InlineData("POST", "deploy/pr")]
    public async Task RunsAreTheSchedulersAndCarryAServiceToken(string method, string path)
    {
        await using var scheduler = Create(new Dictionary<string, string?>());
        scheduler.Run(context => context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path.Value!.TrimStart('/')}{context.Request.QueryString} {context.Request.Headers.Authorization.ToString().Split(' ')[0]}"));
        await scheduler.StartAsync();
        await using var gateway = Create(new Dictionary<string, string?>
        {
            ["ServiceIdentity:Secret"] = "tests-only-identity-of-gateway",
            ["Services:scheduler:http:0"] = scheduler.Urls.First(),
        });
        gateway.MapDefaultEndpoints();
        gateway.MapRoutes();
        await gateway.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(gateway.Urls.First()) };

        using var response = await client.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));

        Assert.Equal((HttpStatusCode.OK, $"{method} {path} Bearer"), (response.StatusCode, await response.Content.ReadAsStringAsync()));
    }

    private static WebApplication Create(Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development", ApplicationName = "Services.Gateway" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Configuration.AddInMemoryCollection(settings);
        if (settings.Count > 0)
        {
            builder.AddServiceDefaults(ServiceNames.Gateway);
            builder.AddServiceAuthentication(ServiceNames.Gateway).AddLocalDeveloper();
            builder.AddRoutes();
        }

        builder.Logging.ClearProviders();
        return builder.Build();
    }
}
