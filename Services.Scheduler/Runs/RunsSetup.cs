using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Configuration;
using Npgsql;
using Services.Scheduler.Admission;
using Services.Scheduler.GitHub;
using Services.Scheduler.Intake;
using Services.Scheduler.Outbox;
using Services.Scheduler.Policies;
using Services.Scheduler.PullRequests;
using Services.Scheduler.Reconcile;
using Services.Scheduler.Reports;

namespace Services.Scheduler.Runs;

/// <summary>From a delivery to an admitted run, and back to the forge.</summary>
internal static class RunsSetup
{
    public static void AddRuns(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RunSignals>();
        builder.Services.AddSingleton(services => NpgsqlDataSource.Create(services.GetRequiredService<IConfiguration>().GetConnectionString(ConnectionStrings.Database)!));
        builder.Services.AddSingleton<RunJournal>();
        builder.Services.AddSingleton<RunStore>();
        builder.Services.AddSingleton<RunFactory>();
        builder.Services.AddSingleton<ReRuns>();
        builder.Services.AddSingleton<PolicyCache>();
        builder.Services.AddSingleton<PullRequestRuns>();
        builder.AddStreamConsumer<DeliveryHandler>(IntakeStreams.Intake, ServiceNames.Scheduler, options =>
        {
            (options.BatchMax, options.ConcurrencyMax) = (16, 4);

            // That GitHub limits us or is away is nobody's fault: the handler says for how long a delivery waits for its end.
            var isOutage = options.IsOutage;
            options.IsOutage = error => error is GitHubException { Category: FaultCategory.Transient } || isOutage(error);
            options.PauseMin = error => (error as GitHubException)?.RetryAfter ?? TimeSpan.Zero;
        });

        builder.Services.AddOptionsWithValidateOnStart<AdmissionOptions>().BindConfiguration(AdmissionOptions.Section).ValidateDataAnnotations();
        builder.Services.AddHostedService<AdmissionLoop>();
        builder.Services.AddHostedService<OutboxPublisher>();
        builder.Services.AddHostedService<ReconcileLoop>();

        builder.Services.AddSingleton<ReportWriter>();
        builder.Services.AddHostedService<ReportLoop>();
    }
}
