namespace AgentPlatform.Contracts;

/// <summary>The platform at one moment, as <c>GET /api/v1/system</c> shows it.</summary>
/// <param name="Healthy">Whether every service answered and reached what it needs.</param>
/// <param name="CheckedAt">When it was asked.</param>
/// <param name="Services">One entry for each service, also for those that did not answer.</param>
public sealed record SystemStatus(bool Healthy, DateTimeOffset CheckedAt, IReadOnlyList<ServiceStatus> Services);

/// <summary>One service, as it answers at <c>GET /internal/status</c>, or what is known of one that does not.</summary>
/// <param name="Name">See <see cref="ServiceNames"/>.</param>
/// <param name="Version">The informational version of the build; null if it did not answer.</param>
/// <param name="Healthy">Whether it reached everything that it needs.</param>
/// <param name="Dependencies">What it needs, and whether it reached it.</param>
/// <param name="Error">Why it did not answer: a code of <see cref="ProblemCodes"/>, never an exception's text.</param>
public sealed record ServiceStatus(string Name, string? Version, bool Healthy, IReadOnlyList<DependencyStatus> Dependencies, string? Error = null);

/// <summary>Something a service needs.</summary>
/// <param name="Name">Such as <c>postgres</c> or <c>redis</c>.</param>
/// <param name="Healthy">Whether it answered.</param>
/// <param name="Milliseconds">How long the answer took, or how long it was waited for.</param>
public sealed record DependencyStatus(string Name, bool Healthy, double Milliseconds);
