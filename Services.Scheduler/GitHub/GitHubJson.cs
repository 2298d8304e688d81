using System.Text.Json;
using System.Text.Json.Serialization;

namespace Services.Scheduler.GitHub;

// The parts of GitHub's REST answers that the platform reads, and the bodies that it sends. Contract: GitHub's published OpenAPI description.

internal sealed record GitHubToken(string Token, DateTimeOffset ExpiresAt);

internal sealed record GitHubTokenRequest(IReadOnlyList<long>? RepositoryIds, IReadOnlyDictionary<string, string> Permissions);

internal sealed record GitHubInstallation(long Id);

internal sealed record GitHubRepository(long Id, string FullName, string DefaultBranch, bool Private);

internal sealed record GitHubUser(long Id, string Login, string Type);

/// <param name="Sha">The commit.</param>
/// <param name="Ref">The branch's name: shown, never fetched by.</param>
/// <param name="Repo">Null when a fork was deleted.</param>
internal sealed record GitHubPullSide(string Sha, string Ref, GitHubRepository? Repo);

internal sealed record GitHubPull(
    long Id, int Number, string State, bool Draft, string Title, string HtmlUrl, GitHubUser? User, GitHubPullSide Head, GitHubPullSide Base)
{
    /// <summary>Whether the head lives in another repository than the base: such code gets no trust.</summary>
    [JsonIgnore]
    public bool IsFork => Head.Repo is null || Base.Repo is null || Head.Repo.Id != Base.Repo.Id;
}

internal sealed record GitHubContent(string Type, string? Encoding, string? Content, long Size);

internal sealed record GitHubPermission(string Permission);

internal sealed record GitHubCheckRunOutput(int AnnotationsCount);

internal sealed record GitHubCheckRun(
    long Id, string Name, string? ExternalId, string Status, string? Conclusion, string? HtmlUrl, string HeadSha, GitHubCheckRunOutput? Output);

internal sealed record GitHubCheckRuns(int TotalCount, IReadOnlyList<GitHubCheckRun> CheckRuns);

internal sealed record GitHubAnnotation(
    string Path, int StartLine, int EndLine, string AnnotationLevel, string Message, string? Title);

internal sealed record GitHubCheckOutput(string Title, string Summary, string? Text, IReadOnlyList<GitHubAnnotation>? Annotations);

internal sealed record GitHubCheckRunWrite
{
    public string? Name { get; init; }

    public string? HeadSha { get; init; }

    public string? ExternalId { get; init; }

    public string? DetailsUrl { get; init; }

    public string? Status { get; init; }

    public string? Conclusion { get; init; }

    public DateTimeOffset? StartedAt { get; init; }

    public DateTimeOffset? CompletedAt { get; init; }

    public GitHubCheckOutput? Output { get; init; }
}

internal sealed record GitHubApp(long Id, string? ClientId);

/// <param name="Id">The comment.</param>
/// <param name="Body">Its text.</param>
/// <param name="HtmlUrl">Its page.</param>
/// <param name="User">Its author.</param>
/// <param name="PerformedViaGithubApp">The App that wrote it, or null.</param>
internal sealed record GitHubComment(long Id, string Body, string? HtmlUrl, GitHubUser? User, GitHubApp? PerformedViaGithubApp);

internal sealed record GitHubCommentWrite(string Body);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(GitHubToken))]
[JsonSerializable(typeof(GitHubTokenRequest))]
[JsonSerializable(typeof(GitHubInstallation))]
[JsonSerializable(typeof(GitHubRepository))]
[JsonSerializable(typeof(GitHubPull))]
[JsonSerializable(typeof(IReadOnlyList<GitHubPull>))]
[JsonSerializable(typeof(GitHubContent))]
[JsonSerializable(typeof(JsonElement))]
[JsonSerializable(typeof(GitHubPermission))]
[JsonSerializable(typeof(GitHubCheckRun))]
[JsonSerializable(typeof(GitHubCheckRuns))]
[JsonSerializable(typeof(GitHubCheckRunWrite))]
[JsonSerializable(typeof(GitHubComment))]
[JsonSerializable(typeof(IReadOnlyList<GitHubComment>))]
[JsonSerializable(typeof(GitHubCommentWrite))]
internal sealed partial class GitHubJsonContext : JsonSerializerContext;
