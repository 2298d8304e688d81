using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using AgentPlatform.Streams;
using AgentPlatform.Tests.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Services.Webhooks;
using Services.Webhooks.Storage;
using StackExchange.Redis;

namespace AgentPlatform.Tests.Services.Webhooks;

/// <summary>The intake service on a free port, as its own program puts it together.</summary>
internal sealed class WebhooksNode : IAsyncDisposable
{
    private const string IdentitySecret = "tests-only-identity-of-webhooks";

    private readonly WebApplication _app;

    private WebhooksNode(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(1) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public IStreamPublisher Streams => Services.GetRequiredService<IStreamPublisher>();

    public IDatabase Redis => Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

    /// <param name="database">Its database.</param>
    /// <param name="redis">Its Redis.</param>
    /// <param name="settings">Settings beside the usual ones; null takes one away.</param>
    /// <param name="configure">Changes to the service before it is built.</param>
    public static async Task<WebhooksNode> StartAsync(
        PostgresDatabase database, RedisServer redis, Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? configure = null)
    {
        var app = Build(database, redis, settings, configure);
        await app.StartAsync();
        return new WebhooksNode(app);
    }

    public static WebApplication Build(
        PostgresDatabase database, RedisServer redis, Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development", ApplicationName = "Services.Webhooks" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        var all = Settings(database, redis);
        foreach (var (key, value) in settings ?? [])
        {
            all[key] = value;
        }

        builder.Configuration.AddInMemoryCollection(all.Where(setting => setting.Value is not null));
        builder.AddServiceDefaults(ServiceNames.Webhooks);
        builder.AddServiceAuthentication(ServiceNames.Webhooks);
        builder.AddServiceDatabase<WebhooksDbContext>(ServiceNames.Webhooks);
        builder.AddServiceRedis();
        builder.AddIntake();
        builder.Logging.ClearProviders();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapIntake();
        return app;
    }

    /// <summary>Sends a request and reads the answer as JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(HttpRequestMessage request)
    {
        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    /// <summary>Sends a request with a service token of the given scopes.</summary>
    public Task<(HttpStatusCode Status, JsonElement Answer)> CallAsync(HttpMethod method, string path, params string[] scopes) => SendAsync(Authorized(method, path, scopes));

    public HttpRequestMessage Authorized(HttpMethod method, string path, params string[] scopes) => new(method, path)
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Services.GetRequiredService<ServiceTokens>().ForItself(ServiceNames.Webhooks, scopes)) },
    };

    /// <summary>What is on a stream.</summary>
    public async Task<IReadOnlyList<EventEnvelope>> EntriesAsync(string stream = IntakeStreams.Intake)
    {
        var reply = (RedisResult[])(await Redis.ExecuteAsync("XRANGE", (RedisKey)Streams.Name(stream).Key, "-", "+"))!;
        return [.. reply.Select(entry => (RedisResult[])((RedisResult[])entry!)[1]!)
            .Select(fields => JsonSerializer.Deserialize((byte[])fields[1]!, ContractsJsonContext.Default.EventEnvelope)!)];
    }

    /// <summary>The deliveries on the intake stream.</summary>
    public async Task<IReadOnlyList<DeliveryReceived>> PublishedAsync() =>
        [.. (await EntriesAsync()).Select(envelope => envelope.Read(IntakeJsonContext.Default.DeliveryReceived))];

    /// <summary>Answers a delivery as Scheduler does.</summary>
    public Task AcknowledgeAsync(DeliveryId delivery, long attempt, DeliveryOutcome outcome, string? cause = null) => Streams.PublishAsync(
        Streams.Name(IntakeStreams.Acknowledgements),
        EventEnvelopes.Create(
            IntakeStreams.AcknowledgementKind, Ownership.Of(ServiceNames.Scheduler), new DeliveryAcknowledgement(delivery, attempt, outcome, cause),
            IntakeJsonContext.Default.DeliveryAcknowledgement, TimeProvider.System),
        CancellationToken.None);

    /// <summary>Reads the first column of a query.</summary>
    public async Task<IReadOnlyList<T>> QueryAsync<T>(string sql)
    {
        await using var command = Services.GetRequiredService<NpgsqlDataSource>().CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        List<T> values = [];
        while (await reader.ReadAsync())
        {
            values.Add(await reader.GetFieldValueAsync<T>(0));
        }

        return values;
    }

    public Task<IReadOnlyList<string>> StatesAsync() => QueryAsync<string>("SELECT state FROM webhooks.deliveries ORDER BY id");

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private static Dictionary<string, string?> Settings(PostgresDatabase database, RedisServer redis)
    {
        using var key = SigningKey.Derive(IdentitySecret, ServiceNames.Webhooks);
        return new Dictionary<string, string?>
        {
            ["ConnectionStrings:agentplatform"] = database.ConnectionString,
            ["ConnectionStrings:redis"] = redis.ConnectionString,
            ["ServiceIdentity:Secret"] = IdentitySecret,
            ["ServiceIdentity:TrustedKeys:webhooks"] = JsonSerializer.Serialize(new JsonWebKeySet([key.Public.ToJsonWebKey()]), KeysJsonContext.Default.JsonWebKeySet),
            ["Webhooks:GitHub:Secrets:0"] = Payloads.Secret,
            ["Webhooks:Publishing:SweepInterval"] = "00:00:00.050",
            ["Streams:Consumers:intake-acks:FallbackInterval"] = "00:00:00.100",
        };
    }
}
