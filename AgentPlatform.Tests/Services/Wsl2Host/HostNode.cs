using System.Net.Http.Headers;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.HostCalls;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Services.Wsl2Host.Hosting;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>The host service on a free port, as its own program puts it together.</summary>
internal sealed class HostNode : IAsyncDisposable
{
    private const string IdentitySecret = "tests-only-identity-of-a-host";

    private readonly WebApplication _app;

    private HostNode(WebApplication app)
    {
        _app = app;
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromMinutes(2) };
        Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Token(Scopes.InstancesWrite, Scopes.HostsRead));
        Client = new HostClient(Http, Http.BaseAddress, TimeProvider.System);
    }

    /// <summary>Calls with a token that may do everything here.</summary>
    public HttpClient Http { get; }

    /// <summary>The client that Scheduler and Sessions use.</summary>
    public HostClient Client { get; }

    public IServiceProvider Services => _app.Services;

    /// <param name="directories">Where it keeps its things.</param>
    /// <param name="settings">Settings beside the usual ones.</param>
    /// <param name="configure">Changes to the service before it is built.</param>
    public static async Task<HostNode> StartAsync(
        Wsl2HostOptions directories, Dictionary<string, string?>? settings = null, Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { EnvironmentName = "Development", ApplicationName = "Services.Wsl2Host" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        using var key = SigningKey.Derive(IdentitySecret, ServiceNames.Wsl2Host);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ServiceIdentity:Secret"] = IdentitySecret,
            [$"ServiceIdentity:TrustedKeys:{ServiceNames.Wsl2Host}"] =
                JsonSerializer.Serialize(new JsonWebKeySet([key.Public.ToJsonWebKey()]), KeysJsonContext.Default.JsonWebKeySet),
            ["Wsl2Host:StateDirectory"] = directories.StateDirectory,
            ["Wsl2Host:RuntimeDirectory"] = directories.RuntimeDirectory,
            ["Wsl2Host:EnrolmentRetry"] = "00:00:00.100",
            ["Shutdown:NoticeDelay"] = "00:00:00",
        });
        builder.Configuration.AddInMemoryCollection(settings ?? []);
        builder.AddServiceDefaults(ServiceNames.Wsl2Host);
        builder.AddServiceAuthentication(ServiceNames.Wsl2Host);
        builder.AddWsl2Host();
        builder.Logging.ClearProviders();
        configure?.Invoke(builder);
        var app = builder.Build();
        app.MapDefaultEndpoints();
        app.MapWsl2Host();
        await app.StartAsync();
        return new HostNode(app);
    }

    public string Token(params string[] scopes) => Services.GetRequiredService<ServiceTokens>().ForItself(ServiceNames.Wsl2Host, scopes);

    public static CreateInstanceRequest NewInstance(long generation = 1, int leaseSeconds = 60) => new(
        InstanceId.New(TimeProvider.System),
        InstanceOwner.Of(RunId.New(TimeProvider.System)),
        Ownership.Of(ServiceNames.Scheduler),
        generation,
        leaseSeconds,
        new InstanceLimits(MemoryBytes: 256L << 20, CpuMillis: 1000, ProcessesMax: 64, DiskBytes: 32L << 20));

    public static StartCommandRequest NewCommand(params string[] argv) => new(CommandId.New(TimeProvider.System), 1, "test", argv, MergeOutput: true);

    /// <summary>Starts a command and waits for its end.</summary>
    public async Task<(HostCommand Command, string Output)> RunAsync(InstanceId instance, StartCommandRequest request)
    {
        await Client.StartCommandAsync(instance, request, CancellationToken.None);
        var ended = await Client.GetCommandAsync(instance, request.Id, HostLimits.WaitSecondsMax, CancellationToken.None);
        return (ended, await OutputAsync(instance, request.Id));
    }

    public async Task<string> OutputAsync(InstanceId instance, CommandId command) =>
        System.Text.Encoding.UTF8.GetString((await Client.ReadOutputAsync(instance, command, 0, 0, CancellationToken.None)).Bytes);

    /// <summary>Ends the process as a redeploy does: commands go on.</summary>
    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
