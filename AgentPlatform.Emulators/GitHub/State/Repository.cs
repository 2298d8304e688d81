namespace AgentPlatform.Emulators.GitHub.State;

/// <summary>A repository: what GitHub knows beside git's own data.</summary>
internal sealed class Repository : IDisposable
{
    public required long Id { get; init; }

    public required Account Owner { get; init; }

    public required string Name { get; set; }

    public required string Directory { get; init; }

    public required string DefaultBranch { get; init; }

    public required bool Private { get; init; }

    public string? Description { get; init; }

    /// <summary>The repository this one was forked from.</summary>
    public Repository? Parent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset PushedAt { get; set; }

    public string FullName => $"{Owner.Login}/{Name}";

    /// <summary>Names it had before; asking for one is answered by a redirect to the id.</summary>
    public HashSet<string> FormerNames { get; } = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Logins with a role of their own: <c>admin</c>, <c>maintain</c>, <c>write</c>, <c>triage</c> or <c>read</c>.</summary>
    public Dictionary<string, string> Collaborators { get; } = new(StringComparer.OrdinalIgnoreCase);

    private int _lastNumber;

    public List<PullRequest> Pulls { get; } = [];

    public List<CheckSuite> Suites { get; } = [];

    public List<CheckRun> CheckRuns { get; } = [];

    public List<CommitStatus> Statuses { get; } = [];

    public List<IssueComment> Comments { get; } = [];

    /// <summary>One writer of refs at a time, so that what a push changed can be told from what was there.</summary>
    public SemaphoreSlim RefsGate { get; } = new(1, 1);

    /// <summary>The next number of an issue or pull request.</summary>
    public int TakeNumber() => ++_lastNumber;

    public PullRequest? FindPull(int number) => Pulls.Find(pull => pull.Number == number);

    /// <summary>What an account may do here, by GitHub's role names; <c>none</c> for a stranger to a private repository.</summary>
    public string RoleOf(Account account) =>
        account.Id == Owner.Id ? "admin"
        : Collaborators.TryGetValue(account.Login, out var role) ? role
        : Private ? "none" : "read";

    public void Dispose() => RefsGate.Dispose();
}
