namespace Services.Scheduler.Policies;

// The file `.agentplatform.yml` as it is written. Everything is optional here; PolicyReader says what is missing or wrong.

internal sealed class PolicyFile
{
    public const string Path = ".agentplatform.yml";

    public int? Version { get; set; }

    public TriggersSection? Triggers { get; set; }

    public TrustSection? Trust { get; set; }

    public Dictionary<string, WorkflowSection>? Workflows { get; set; }

    /// <summary>Short form: the steps of a single workflow named <c>default</c>.</summary>
    public List<StepSection>? Steps { get; set; }
}

internal sealed class TriggersSection
{
    public bool? Drafts { get; set; }
}

internal sealed class TrustSection
{
    public string? Forks { get; set; }
}

internal sealed class WorkflowSection
{
    public string? Priority { get; set; }

    public string? Timeout { get; set; }

    public NetworkSection? Network { get; set; }

    public LimitsSection? Limits { get; set; }

    public List<StepSection>? Steps { get; set; }
}

internal sealed class NetworkSection
{
    public List<string>? Allow { get; set; }
}

internal sealed class LimitsSection
{
    public int? MemoryMb { get; set; }

    public int? Processes { get; set; }

    public int? DiskMb { get; set; }

    public double? Cpus { get; set; }
}

internal sealed class StepSection
{
    public string? Name { get; set; }

    public string? Run { get; set; }

    public bool? Setup { get; set; }

    public AgentSection? Agent { get; set; }

    public string? Timeout { get; set; }

    public bool? AllowFailure { get; set; }
}

internal sealed class AgentSection
{
    public string? Kind { get; set; }

    public string? Model { get; set; }

    public int? MaxTurns { get; set; }
}
