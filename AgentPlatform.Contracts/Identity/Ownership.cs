namespace AgentPlatform.Contracts;

/// <summary>Whose something is. It stands on every row, stream entry, artifact and span.</summary>
/// <param name="TenantId">The tenant.</param>
/// <param name="OwnerTeam">The team whose members see it; null for what belongs to the tenant as a whole.</param>
/// <param name="CreatedBy">Who caused it: a person's id, <c>service:scheduler</c>, or a forge's login such as <c>github:octocat</c>.</param>
public sealed record Ownership(TenantId TenantId, TeamId? OwnerTeam, string CreatedBy)
{
    /// <summary>The tenant of an installation that was never divided.</summary>
    public static TenantId DefaultTenant { get; } = new(new Guid("00000000-0000-7000-8000-000000000001"));

    /// <summary>What a service made by itself, for the default tenant.</summary>
    /// <param name="service">The service's name, see <see cref="ServiceNames"/>.</param>
    public static Ownership Of(string service) => new(DefaultTenant, null, $"service:{service}");
}
