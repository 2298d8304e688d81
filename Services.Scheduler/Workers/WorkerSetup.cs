using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using Services.Scheduler.Hosts;
using Services.Scheduler.Pipeline;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;

namespace Services.Scheduler.Workers;

/// <summary>From an admitted run to its conclusion.</summary>
internal static class WorkerSetup
{
    public static void AddWorker(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptionsWithValidateOnStart<WorkerOptions>().BindConfiguration(WorkerOptions.Section).ValidateDataAnnotations();
        builder.Services.AddSingleton<HostRegistry>();
        builder.Services.AddSingleton<StepStore>();
        builder.AddHostCalls();
        builder.Services.AddLongLivedHttpClient(ReviewClient.ClientName)
            .ConfigureHttpClient(client => client.BaseAddress = new Uri($"http://{ServiceNames.Sessions}"))
            .AddServiceToken(ServiceNames.Sessions, Scopes.SessionsWrite);

        builder.Services.AddSingleton<Provisioning>();
        builder.Services.AddSingleton<Fetching>();
        builder.Services.AddSingleton<CommandStep>();
        builder.Services.AddSingleton<ReviewClient>();
        builder.Services.AddSingleton<ReviewStep>();
        builder.Services.AddSingleton<StepRunner>();
        builder.Services.AddSingleton<Cleanup>();
        builder.Services.AddSingleton<RunDriver>();
        builder.Services.AddSingleton<RunWorker>();
        builder.Services.AddHostedService(services => services.GetRequiredService<RunWorker>());
        builder.AddStreamConsumer<WorkHandler>(RunChanges.WorkStream, "workers", options => options.BatchMax = 16);
    }
}
