using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Configuration;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Options;
using Npgsql;
using Services.Webhooks.Deliveries;
using Services.Webhooks.HookDeliveries;
using Services.Webhooks.Publishing;
using Services.Webhooks.Receiving;
using Services.Webhooks.Storage;

namespace Services.Webhooks;

/// <summary>Puts intake together.</summary>
internal static class IntakeHosting
{
    private const string SecretVariable = "GITHUB_WEBHOOK_SECRET";
    private const int AcknowledgementsMax = 256;

    public static void AddIntake(this WebApplicationBuilder builder)
    {
        builder.AddStreams();
        builder.AddIntakeOptions();
        builder.AddReceiving();
        builder.AddPublishing();
        builder.AddHookDeliveries();
        builder.Services.AddScoped<DeliveryQueries>();
        builder.Services.AddScoped<DeliveryReplay>();
        builder.Services.AddSingleton<WebhooksTelemetry>();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, IntakeJsonContext.Default));
    }

    public static void MapIntake(this WebApplication app)
    {
        // The endpoint bounds the body itself, so that a refusal has its code.
        app.MapPost("/webhooks/github", static context => context.RequestServices.GetRequiredService<WebhookEndpoint>().HandleAsync(context)).AllowAnonymous().WithMetadata(new DisableRequestSizeLimitAttribute()).WithTags("Webhooks");
        app.MapDeliveries();
    }

    private static void AddIntakeOptions(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<WebhookOptions>()
            .BindConfiguration(WebhookOptions.Section)
            .Configure<IConfiguration>((options, configuration) => AddVariable(options, configuration[SecretVariable]))
            .ValidateOnStart();
        builder.Services.AddSingleton<IValidateOptions<WebhookOptions>, WebhookOptionsValidator>();
        builder.Services.AddOptions<PublishingOptions>().BindConfiguration(PublishingOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<HookSweepOptions>().BindConfiguration(HookSweepOptions.Section).ValidateDataAnnotations().ValidateOnStart();
    }

    private static void AddVariable(WebhookOptions options, string? secrets)
    {
        foreach (var secret in (secrets ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!options.Secrets.Contains(secret))
            {
                options.Secrets.Add(secret);
            }
        }
    }

    private static void AddReceiving(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddSingleton(provider => NpgsqlDataSource.Create(provider.GetRequiredService<IConfiguration>().GetConnectionString(ConnectionStrings.Database)!));
        services.AddSingleton<IMemoryPoolFactory<byte>, WideMemoryPoolFactory>();

        // Nothing here blocks a thread, so what a socket brings is worked on where it was read, instead of being handed from queue to queue.
        services.Configure<SocketTransportOptions>(sockets => sockets.UnsafePreferInlineScheduling = true);
        services.AddSingleton<WebhookSecrets>();
        services.AddSingleton(provider => new BodyBudget(provider.GetRequiredService<IOptions<WebhookOptions>>().Value.BodiesInFlightMax));
        services.AddSingleton<IntakeQueue>();
        services.AddSingleton<DeliveryStore>();
        services.AddSingleton<WebhookEndpoint>();
        services.AddHostedService<IntakeWriter>();
        services.AddHostedService<Retention>();
    }

    private static void AddPublishing(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DeliveryEntries>();
        builder.Services.AddSingleton<DeliveryPublisher>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<DeliveryPublisher>());
        builder.Services.AddSingleton<PendingSweep>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<PendingSweep>());
        builder.AddStreamConsumer<AcknowledgementHandler>(
            IntakeStreams.Acknowledgements, ServiceNames.Webhooks, options => (options.BatchMax, options.ConcurrencyMax) = (AcknowledgementsMax, 1));
    }

    private static void AddHookDeliveries(this WebApplicationBuilder builder)
    {
        builder.Services.AddGitHubApp();
        builder.Services.AddGitHubClient(HookDeliveryClient.ClientName);
        builder.Services.AddSingleton<HookDeliveryClient>();
        builder.Services.AddSingleton<HookSweepStore>();
        builder.Services.AddSingleton<HookSweep>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<HookSweep>());
    }
}
