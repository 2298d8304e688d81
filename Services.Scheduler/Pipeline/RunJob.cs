using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.HostCalls;
using Services.Scheduler.Policies;
using Services.Scheduler.Runs;
using Services.Scheduler.Workers;

namespace Services.Scheduler.Pipeline;

/// <summary>What the stages of one drive share: the run, the host that holds its instance, and the workspace once it is there.</summary>
internal sealed class RunJob(RunRow run, RunControl control, Workflow workflow)
{
    public RunRow Run { get; set; } = run;

    public RunControl Control { get; } = control;

    public Workflow Workflow { get; } = workflow;

    public long Generation => Control.Generation;

    /// <summary>Set by provisioning.</summary>
    public HostClient Host { get => field ?? throw new InvalidOperationException("not provisioned"); set; }

    /// <summary>Set by provisioning.</summary>
    public InstanceId Instance { get; set; }

    /// <summary>Set by fetching.</summary>
    public WorkspaceView Workspace { get => field ?? throw new InvalidOperationException("not fetched"); set; }

    /// <summary>The commit of the phase in which the steps run. Whatever is said of a step comes after it; a command that was noted need not wait.</summary>
    public Task Entered { get; set; } = Task.CompletedTask;

    public Ownership Owner => new(Run.TenantId, Run.OwnerTeam, Run.CreatedBy);
}

/// <summary>The platform could not go on with a run. The category says whether it tries again.</summary>
internal sealed class RunFaultException(FaultCategory category, string reason) : Exception(reason)
{
    public FaultCategory Category { get; } = category;
}

/// <summary>The run is decided before its steps are through.</summary>
internal sealed class RunDecidedException(RunConclusion conclusion, string reason) : Exception(reason)
{
    public RunConclusion Conclusion { get; } = conclusion;
}
