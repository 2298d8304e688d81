using Microsoft.Extensions.DependencyInjection.Extensions;

namespace AgentPlatform.Emulators.Hosting;

/// <summary>What both emulators stand on.</summary>
internal static class HostingModule
{
    public static WebApplicationBuilder AddHosting(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<EmulatorsOptions>()
            .BindConfiguration(EmulatorsOptions.Section)
            .Validate(options => options.PublicUrl is not { Length: > 0 } url || Uri.TryCreate(url, UriKind.Absolute, out _),
                $"{EmulatorsOptions.Section}:PublicUrl must be an absolute URL.")
            .ValidateOnStart();
        builder.Services.AddSingleton<StateDirectory>().AddSingleton<PublicAddress>();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddProblemDetails();
        return builder;
    }

    public static WebApplication MapHosting(this WebApplication app)
    {
        app.MapGet("/health", () => "Healthy");
        app.MapGet("/alive", () => "Healthy");
        return app;
    }
}
