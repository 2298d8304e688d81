using Services.Scheduler.Hosts;

namespace Services.Scheduler.Api;

/// <summary>The public API of runs.</summary>
internal static class ApiSetup
{
    public static void AddRunsApi(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<RunQueries>();
        builder.Services.AddScoped<RunStarts>();
        builder.Services.AddScoped<HostQueries>();
        builder.Services.AddSingleton<RunLogs>();
        builder.Services.AddSingleton<RunEventReader>();
        builder.Services.AddSingleton<RunFeed>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RunFeed>());
    }

    public static void MapRunsApi(this IEndpointRouteBuilder app)
    {
        app.MapRuns();
        app.MapStarts();
        app.MapLogs();
        app.MapStreams();
    }
}
