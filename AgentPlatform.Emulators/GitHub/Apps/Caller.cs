using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Apps;

/// <summary>Who makes a call.</summary>
internal abstract record Caller
{
    /// <summary>Whose budget of requests the call uses.</summary>
    public abstract string RateKey { get; }

    public sealed record Anonymous(string Address) : Caller
    {
        public override string RateKey => $"anonymous {Address}";
    }

    /// <summary>The App itself.</summary>
    public sealed record App : Caller
    {
        public override string RateKey => "app";
    }

    /// <summary>An installation, by one of its tokens.</summary>
    public sealed record InstallationToken(Installation Installation, IReadOnlySet<long>? RepositoryIds,
        IReadOnlyDictionary<string, string> Permissions, DateTimeOffset ExpiresAt) : Caller
    {
        public override string RateKey => $"installation {Installation.Id}";

        public bool Reaches(Repository repository) =>
            Installation.SuspendedAt is null && Installation.Reaches(repository) &&
                (RepositoryIds is null || RepositoryIds.Contains(repository.Id));

        public bool Holds(string permission, bool write) =>
            Permissions.TryGetValue(permission, out var level) && (!write || level is "write" or "admin");
    }
}
