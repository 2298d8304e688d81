namespace AgentPlatform.Contracts.Hosts;

/// <summary>What can go wrong on a host, beside <see cref="ProblemCodes"/>.</summary>
public static class HostProblemCodes
{
    /// <summary>409: the call carries an older generation than the instance has. Its sender has lost the lease.</summary>
    public const string StaleGeneration = "stale_generation";

    /// <summary>409: every place is taken. Ask another host, or later.</summary>
    public const string HostFull = "host_full";

    /// <summary>409: the instance was destroyed or has ended; this id is used up for this generation.</summary>
    public const string InstanceEnded = "instance_ended";

    /// <summary>409: the id is known for something else (another owner, other arguments).</summary>
    public const string IdReused = "id_reused";

    /// <summary>409: the instance has as many commands as it may have.</summary>
    public const string TooManyCommands = "too_many_commands";

    /// <summary>409: the input's number is not the next one; <c>expected</c> says which is.</summary>
    public const string InputGap = "input_gap";

    /// <summary>409: the command takes no input, or none any more.</summary>
    public const string InputClosed = "input_closed";

    /// <summary>409: the ref no longer points at the asked commit; <c>found</c> says where it does.</summary>
    public const string HeadMoved = "head_moved";

    /// <summary>409: the workspace is prepared with something else already.</summary>
    public const string WorkspaceInUse = "workspace_in_use";

    /// <summary>422: the forge is not one that this host may fetch from.</summary>
    public const string UnknownForge = "unknown_forge";

    /// <summary>422: the forge refused the token, or does not know the repository.</summary>
    public const string FetchRefused = "fetch_refused";

    /// <summary>422: the commit is not in the repository.</summary>
    public const string CommitNotFound = "commit_not_found";

    /// <summary>502: the forge could not be reached, or gave no usable answer. Worth another try.</summary>
    public const string FetchFailed = "fetch_failed";

    /// <summary>507: the checkout or the mirror is larger than this host allows.</summary>
    public const string RepositoryTooLarge = "repository_too_large";

    /// <summary>503: this machine lacks something that its driver needs; <c>shortcomings</c> lists what, with the cure.</summary>
    public const string HostNotReady = "host_not_ready";

    /// <summary>500: the machine refused a step of the start. Worth another try, on another host rather.</summary>
    public const string StartFailed = "start_failed";
}
