using System.Net.Http.Headers;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Models;
using AgentPlatform.Contracts.Reviews;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using AgentPlatform.Tests.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Services.Sessions.Events;
using Services.Sessions.ModelGateway;
using Services.Sessions.Reviews;
using Services.Sessions.Storage;

namespace AgentPlatform.Tests.Services.Sessions;

/// <summary>Sessions on a free port as its own program puts it together, except that nobody takes up reviews.</summary>
internal sealed class SessionsNode : IAsyncDisposable
{
    private const string IdentitySecret = "tests-only-identity-of-sessions";

    private readonly WebApplication _app;

    private SessionsNode(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(1) };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue(
            "Bearer", Services.GetRequiredService<ServiceTokens>().ForItself(ServiceNames.Sessions, [Scopes.ModelsUse, Scopes.SessionsRead, Scopes.SessionsWrite]));
    }

    /// <summary>With a token for everything that Sessions offers.</summary>
    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public static async Task<SessionsNode> StartAsync(PostgresDatabase database, RedisServer redis, Dictionary<string, string?> settings)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development", ApplicationName = "Services.Sessions" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:agentplatform"] = database.ConnectionString,
            ["ConnectionStrings:redis"] = redis.ConnectionString,
            ["ServiceIdentity:Secret"] = IdentitySecret,
            ["ServiceIdentity:TrustedKeys:sessions"] = Keys(),
        });
        builder.Configuration.AddInMemoryCollection(settings);
        builder.AddServiceDefaults(ServiceNames.Sessions);
        builder.AddServiceAuthentication(ServiceNames.Sessions);
        builder.AddServiceDatabase<SessionsDbContext>(ServiceNames.Sessions);
        builder.AddServiceRedis();
        builder.AddStreams();
        builder.AddReviews();
        builder.AddModelGateway();
        builder.Services.Remove(builder.Services.Single(service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(ReviewWorker)));
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapReviews();
        app.MapSessionEvents();
        app.MapModelGateway();
        await app.StartAsync();
        return new SessionsNode(app);
    }

    /// <summary>What Scheduler would ask for.</summary>
    public static StartReviewRequest Request(string agent = "claude-code") => new(
        SessionId.New(TimeProvider.System), RunId.New(TimeProvider.System), Generation: 1, Ownership.Of(ServiceNames.Scheduler), new Uri("http://127.0.0.1:9"),
        InstanceId.New(TimeProvider.System), new ReviewedChange("octo/repo", 1, "A change", new string('a', 40), new string('b', 40), ["a.sh"]), new ReviewAgent(agent, null, 10, 60));

    /// <summary>Sends a call as a host's model door does.</summary>
    public Task<HttpResponseMessage> CallModelAsync(string? token, string body, string path = "v1/messages")
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{ModelGatewayRoutes.Base}/{ModelGatewayRoutes.Anthropic}/{path}")
        {
            Content = new StringContent(body, new MediaTypeHeaderValue("application/json")),
        };
        // A call that is too large is refused before its body is sent.
        request.Headers.ExpectContinue = body.Length > 1024 * 1024;
        request.Headers.Add("anthropic-version", "2023-06-01");
        if (token is not null)
        {
            request.Headers.Add(ModelGatewayRoutes.TokenHeader, token);
        }

        return Client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static string Keys()
    {
        using var key = SigningKey.Derive(IdentitySecret, ServiceNames.Sessions);
        return JsonSerializer.Serialize(new JsonWebKeySet([key.Public.ToJsonWebKey()]), KeysJsonContext.Default.JsonWebKeySet);
    }
}
