using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.Tests.ServiceDefaults;

/// <summary>A real service on a free loopback port: the service defaults, and what a test adds to them.</summary>
internal sealed class TestService : IAsyncDisposable
{
    private TestService(WebApplication app)
    {
        App = app;
        Addresses = [.. app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses];
        Client = new HttpClient { BaseAddress = new Uri(Addresses[0]) };
    }

    public WebApplication App { get; }

    public IServiceProvider Services => App.Services;

    /// <summary>The service's own address first, then the management address, if there is one.</summary>
    public IReadOnlyList<string> Addresses { get; }

    /// <summary>A plain client to the service's own address.</summary>
    public HttpClient Client { get; }

    public static async Task<TestService> StartAsync(
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? map = null,
        string name = ServiceNames.Scheduler,
        string environment = "Development",
        params (string Key, string Value)[] settings)
    {
        var app = Build(build, map, name, environment, settings);
        await app.StartAsync();
        return new TestService(app);
    }

    /// <summary>The service before it is started.</summary>
    public static WebApplication Build(
        Action<WebApplicationBuilder>? build, Action<WebApplication>? map, string name, string environment, params (string Key, string Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = environment });
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            [WebHostDefaults.ServerUrlsKey] = "http://127.0.0.1:0",
            ["Management:Port"] = environment == "Development" ? null : "0",
            ["Management:Address"] = "127.0.0.1",
            ["Shutdown:NoticeDelay"] = "00:00:00",
            ["ServiceIdentity:Secret"] = $"the-secret-of-{name}-0123456789",
        });
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)));
        builder.AddServiceDefaults(name);
        build?.Invoke(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        map?.Invoke(app);
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!App.Lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await App.StopAsync();
        }

        await App.DisposeAsync();
    }
}
