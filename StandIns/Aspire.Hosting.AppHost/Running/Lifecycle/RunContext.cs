using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Running.Health;
using Aspire.Hosting.Running.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>What all resources of one run share.</summary>
/// <param name="Services">Services of the app host.</param>
/// <param name="ExecutionContext">Whether the application is run or published.</param>
/// <param name="Notifications">States.</param>
/// <param name="Loggers">Console logs.</param>
/// <param name="Eventing">Events of the application model.</param>
/// <param name="HealthChecker">Runs health checks.</param>
/// <param name="Lifeline">Starts processes.</param>
/// <param name="Time">Clock.</param>
/// <param name="Logger">The app host's own log.</param>
/// <param name="IsTemporary">Whether the run is a test: random ports, nothing kept.</param>
/// <param name="VolumesDirectory">The directory in which kept volumes have theirs.</param>
/// <param name="AppHostAssembly">The app host; its build wrote down where each project was built to.</param>
internal sealed record RunContext(
    IServiceProvider Services,
    DistributedApplicationExecutionContext ExecutionContext,
    ResourceNotificationService Notifications,
    ResourceLoggerService Loggers,
    IDistributedApplicationEventing Eventing,
    HealthChecker HealthChecker,
    Lifeline Lifeline,
    TimeProvider Time,
    ILogger Logger,
    bool IsTemporary,
    string VolumesDirectory,
    Assembly? AppHostAssembly)
{
    public DependencyWaiter Waiter { get; } = new(Notifications);

    public DateTime UtcNow => Time.GetUtcNow().UtcDateTime;
}
