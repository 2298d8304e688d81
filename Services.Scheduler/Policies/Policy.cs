using System.Text.Json.Serialization;

namespace Services.Scheduler.Policies;

/// <summary>What a repository wants done for its changes, checked and complete: every default filled in. Stored with each run.</summary>
/// <param name="Workflows">At least one; names are unique and become part of the check run's name.</param>
/// <param name="Drafts">Whether drafts are run without being asked.</param>
/// <param name="Forks">What happens to pull requests from forks.</param>
internal sealed record Policy(IReadOnlyList<Workflow> Workflows, bool Drafts, ForkTrust Forks)
{
    /// <summary>For a repository without a policy file: one review.</summary>
    public static Policy Default { get; } = new(
        [new Workflow("default", [Step.Review("review", AgentSettings.Default)], [], WorkflowLimits.Default, Priority.Normal)],
        Drafts: false,
        ForkTrust.Approve);
}

/// <summary>What is done for one change, in order, in one instance.</summary>
internal sealed record Workflow(string Name, IReadOnlyList<Step> Steps, IReadOnlyList<string> AllowedRegistries, WorkflowLimits Limits, Priority Priority);

/// <summary>One step. A command runs in the instance's shell; a review is an agent's turn there.</summary>
/// <param name="Name">Unique in its workflow.</param>
/// <param name="Kind">Command, setup or review.</param>
/// <param name="Run">The shell text of a command, or null.</param>
/// <param name="Agent">The agent of a review, or null.</param>
/// <param name="Timeout">Its wall clock.</param>
/// <param name="AllowFailure">Its failure is shown, but does not fail the run.</param>
internal sealed record Step(string Name, StepKind Kind, string? Run, AgentSettings? Agent, TimeSpan Timeout, bool AllowFailure)
{
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromMinutes(10);

    public static Step Review(string name, AgentSettings agent) => new(name, StepKind.Review, null, agent, DefaultTimeout, AllowFailure: false);
}

/// <param name="Kind">The adapter's name, such as <c>claude-code</c>.</param>
/// <param name="Model">The model, or null for the platform's own choice.</param>
/// <param name="TurnsMax">Turns after which the agent is stopped.</param>
internal sealed record AgentSettings(string Kind, string? Model, int TurnsMax)
{
    public static AgentSettings Default { get; } = new("claude-code", null, 30);
}

/// <param name="Total">Wall clock of the whole run, from admission.</param>
/// <param name="MemoryMegabytes">Memory of the instance.</param>
/// <param name="ProcessesMax">Processes and threads of the instance.</param>
/// <param name="DiskMegabytes">What it may write.</param>
/// <param name="Cpus">Processor share; 1 is one core.</param>
internal sealed record WorkflowLimits(TimeSpan Total, int MemoryMegabytes, int ProcessesMax, int DiskMegabytes, double Cpus)
{
    public static WorkflowLimits Default { get; } = new(TimeSpan.FromHours(1), 4096, 1024, 4096, 2);
}

/// <summary>The kind of a step.</summary>
[JsonConverter(typeof(AgentPlatform.Contracts.SnakeCaseEnumConverter<StepKind>))]
internal enum StepKind
{
    /// <summary>A command with the registries open; before every other step.</summary>
    Setup,

    /// <summary>A command without network.</summary>
    Command,

    /// <summary>An agent reads the change and reports findings.</summary>
    Review,
}

/// <summary>What to do with a pull request from a fork.</summary>
[JsonConverter(typeof(AgentPlatform.Contracts.SnakeCaseEnumConverter<ForkTrust>))]
internal enum ForkTrust
{
    /// <summary>Never run.</summary>
    Block,

    /// <summary>Run a commit once a person with write access approved that very commit.</summary>
    Approve,

    /// <summary>Run like any other: the sandbox holds.</summary>
    Sandbox,
}

/// <summary>Admission's order; a higher value goes first. Ageing raises it with time.</summary>
[JsonConverter(typeof(AgentPlatform.Contracts.SnakeCaseEnumConverter<Priority>))]
internal enum Priority
{
    Low,
    Normal,
    High,
}

/// <summary>How a workflow is stored with its run.</summary>
[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(Workflow))]
internal sealed partial class PolicyJsonContext : JsonSerializerContext;
