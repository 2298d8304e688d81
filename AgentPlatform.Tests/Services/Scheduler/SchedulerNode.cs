using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using AgentPlatform.Tests.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Services.Scheduler.Admission;
using Services.Scheduler.Api;
using Services.Scheduler.GitHub;
using Services.Scheduler.Hosts;
using Services.Scheduler.Policies;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;
using Services.Scheduler.Traces;
using Services.Scheduler.Workers;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>The scheduler on a free port as its own program puts it together, except that the loops which move runs stand still: a test turns them itself.</summary>
internal sealed class SchedulerNode : IAsyncDisposable
{
    private const string IdentitySecret = "tests-only-identity-of-scheduler";
    private static readonly Guid HostId = new("00000000-0000-7000-8000-000000000aaa");

    private readonly WebApplication _app;

    private SchedulerNode(WebApplication app)
    {
        _app = app;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(1) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _app.Services;

    public RunStore Store => Services.GetRequiredService<RunStore>();

    /// <param name="database">Its database.</param>
    /// <param name="redis">Its Redis.</param>
    /// <param name="settings">Settings beside the usual ones.</param>
    public static async Task<SchedulerNode> StartAsync(PostgresDatabase database, RedisServer redis, Dictionary<string, string?>? settings = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development", ApplicationName = "Services.Scheduler" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        builder.Configuration.AddInMemoryCollection(Settings(database, redis));
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.AddServiceDefaults(ServiceNames.Scheduler);
        builder.AddServiceAuthentication(ServiceNames.Scheduler);
        builder.AddServiceDatabase<SchedulerDbContext>(ServiceNames.Scheduler);
        builder.AddServiceRedis();
        builder.AddStreams();
        builder.AddGitHub();
        builder.AddRuns();
        builder.AddWorker();
        foreach (var loop in builder.Services.Where(IsLoop).ToList())
        {
            builder.Services.Remove(loop);
        }

        builder.AddRunsApi();
        builder.AddTraces();
        builder.Services.AddSingleton<AdmissionLoop>();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapHosts();
        app.MapRunsApi();
        app.MapTraces();
        await app.StartAsync();
        return new SchedulerNode(app);
    }

    /// <summary>Admits what may be admitted now.</summary>
    /// <param name="places">Instances that the one enrolled host has room for.</param>
    public async Task AdmitAsync(int places = 1_000)
    {
        await using (var scope = Services.CreateAsyncScope())
        {
            // Enrolled by SQL, so that two replicas may do it at once, and seen in the future, so that it does not fall silent meanwhile.
            await scope.ServiceProvider.GetRequiredService<SchedulerDbContext>().Database.ExecuteSqlAsync(
                $"""
                INSERT INTO scheduler.hosts (id, name, url, capacity, in_use, labels, version, enrolled_at, last_seen_at, tenant_id, created_by)
                VALUES ({HostId}, 'host', 'http://127.0.0.1:9', {places}, 0, jsonb_build_object(), '1', now(), now() + interval '1 day', {Ownership.DefaultTenant.Value}, 'test')
                ON CONFLICT (id) DO UPDATE SET capacity = excluded.capacity
                """);
        }

        await Services.GetRequiredService<AdmissionLoop>().PollOnceAsync(CancellationToken.None);
    }

    /// <summary>Makes a run as a delivery would.</summary>
    public async Task<RunRow> AddRunAsync(
        long repository = 1, int pullRequest = 1, string? head = null, string workflow = "default", Priority priority = Priority.Normal, int attempt = 1,
        Ownership? owner = null, string? traceparent = null)
    {
        await using var scope = Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        var wanted = new WantedRun(
            "github.com", new GitHubRepositoryRef(7, repository, $"octo/repo-{repository}"), $"pr/{pullRequest}", RunKind.PullRequest, head ?? Sha(1), Sha(0), "topic",
            pullRequest, "A change", "pull_request.opened", owner ?? Ownership.Of(ServiceNames.Scheduler), traceparent);
        var steps = new[] { new Step("build", StepKind.Command, "make", null, Step.DefaultTimeout, false), new Step("test", StepKind.Command, "make test", null, Step.DefaultTimeout, false) };
        var run = Services.GetRequiredService<RunFactory>().Add(db, wanted, new Workflow(workflow, steps, [], WorkflowLimits.Default, priority), attempt);
        await db.SaveChangesAsync();
        Store.Announce([run]);
        return run;
    }

    /// <summary>A commit id.</summary>
    public static string Sha(int number) => number.ToString("x40", CultureInfo.InvariantCulture);

    /// <summary>Reads rows as they are.</summary>
    public async Task<T> ReadAsync<T>(Func<SchedulerDbContext, Task<T>> read)
    {
        await using var scope = Services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<SchedulerDbContext>());
    }

    /// <summary>Sends a request with a service token of the given scopes, and reads the answer as JSON.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Answer)> CallAsync(
        HttpMethod method, string path, string scope, object? body = null, string? idempotencyKey = null)
    {
        using var request = Authorized(method, path, scope);
        request.Content = body is null ? null : JsonContent.Create(body);
        if (idempotencyKey is not null)
        {
            request.Headers.TryAddWithoutValidation("Idempotency-Key", idempotencyKey);
        }

        using var response = await Client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, text.Length == 0 ? default : JsonDocument.Parse(text).RootElement);
    }

    public HttpRequestMessage Authorized(HttpMethod method, string path, string scope) => new(method, path)
    {
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Services.GetRequiredService<ServiceTokens>().ForItself(ServiceNames.Scheduler, [scope])) },
    };

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>The service's own loops and stream consumers; what the platform's defaults host (migrations among them) stays.</summary>
    private static bool IsLoop(ServiceDescriptor service) =>
        service.ServiceType == typeof(IHostedService)
        && (service.ImplementationType ?? service.ImplementationFactory?.Method.DeclaringType) is { } type
        && (type.Assembly == typeof(RunStore).Assembly || type.FullName!.StartsWith("AgentPlatform.Streams.", StringComparison.Ordinal));

    private static Dictionary<string, string?> Settings(PostgresDatabase database, RedisServer redis)
    {
        return new Dictionary<string, string?>
        {
            ["ConnectionStrings:agentplatform"] = database.ConnectionString,
            ["ConnectionStrings:redis"] = redis.ConnectionString,
            ["ServiceIdentity:Secret"] = IdentitySecret,
            ["ServiceIdentity:TrustedKeys:scheduler"] = Keys(ServiceNames.Scheduler),
        };
    }

    private static string Keys(string service)
    {
        using var key = SigningKey.Derive(IdentitySecret, service);
        return JsonSerializer.Serialize(new JsonWebKeySet([key.Public.ToJsonWebKey()]), KeysJsonContext.Default.JsonWebKeySet);
    }
}
