namespace AgentPlatform.Emulators.GitHub.State;

/// <summary>A person, an organization or a bot.</summary>
internal sealed record Account(long Id, string Login, AccountType Type)
{
    public string Email => $"{Id}+{Login}@users.noreply.github.com";
}

internal enum AccountType
{
    User,
    Organization,
    Bot,
}

/// <summary>The App where an account has installed it.</summary>
internal sealed class Installation
{
    public required long Id { get; init; }

    public required Account Account { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The repositories it reaches; null means all of the account's.</summary>
    public HashSet<long>? RepositoryIds { get; set; }

    public required Dictionary<string, string> Permissions { get; init; }

    public DateTimeOffset? SuspendedAt { get; set; }

    public bool Reaches(Repository repository) =>
        repository.Owner.Id == Account.Id && (RepositoryIds is null || RepositoryIds.Contains(repository.Id));
}
