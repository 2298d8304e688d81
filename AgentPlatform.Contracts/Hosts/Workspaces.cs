using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts.Hosts;

/// <summary>A repository to fetch from. No URL: the host builds it from the forge's configured address and the checked name.</summary>
/// <param name="Forge">The forge instance, as a host name; see <see cref="DeliveryReceived.Forge"/>.</param>
/// <param name="RepositoryId">The repository's id there, which its mirror is kept under.</param>
/// <param name="FullName"><c>owner/name</c> at this time.</param>
public sealed record RepositorySource(string Forge, long RepositoryId, string FullName);

/// <summary>
/// Fetches a commit and checks it out as the workspace. The same request again is answered with what is there; another commit is refused
/// (<see cref="HostProblemCodes.WorkspaceInUse"/>).
/// </summary>
/// <param name="Generation">The fence of the caller's lease.</param>
/// <param name="Repository">Where from.</param>
/// <param name="Ref">The full ref to fetch, such as <c>refs/pull/12/head</c>; a branch's name is not needed and better avoided. Null fetches <paramref name="Sha"/> itself.</param>
/// <param name="Sha">The commit, 40 or 64 lowercase hex digits. What is checked out is exactly this.</param>
/// <param name="BaseSha">The commit it is compared with and from which agent configuration is restored; null if there is none.</param>
/// <param name="Token">A short-lived token that may read this repository; null where the forge asks for none. It is used for this fetch and kept nowhere.</param>
/// <param name="RestoreAgentConfiguration">Whether agent configuration that differs from base is put back to base's. Only for heads that are trusted as much as base may this be false.</param>
public sealed record PrepareWorkspaceRequest(
    long Generation,
    RepositorySource Repository,
    string? Ref,
    string Sha,
    string? BaseSha,
    SecretText? Token,
    bool RestoreAgentConfiguration = true);

/// <summary>What a workspace holds.</summary>
/// <param name="Repository">Where it came from.</param>
/// <param name="Sha">The commit.</param>
/// <param name="BaseSha">The commit it is compared with.</param>
public sealed record WorkspaceSummary(RepositorySource Repository, string Sha, string? BaseSha);

/// <summary>A prepared workspace.</summary>
/// <param name="Repository">Where it came from.</param>
/// <param name="Sha">The commit.</param>
/// <param name="BaseSha">The commit it is compared with.</param>
/// <param name="MergeBaseSha">The last commit common to both; null without base, or if they share none.</param>
/// <param name="ChangedFiles">What changed in base...head, at most <see cref="HostLimits.ChangedFilesMax"/>.</param>
/// <param name="ChangedFilesTruncated">Whether there are more: treat path filters as matching then.</param>
/// <param name="RestoredPaths">Agent configuration that was put back to base's state. The copies of the pull request lie under <see cref="InstancePaths.PullRequestConfiguration"/>.</param>
/// <param name="Fetched">Whether the forge was asked; false if the mirror had everything.</param>
/// <param name="CheckedOut">Whether files were written; false if the checkout was in the cache.</param>
/// <param name="FetchMilliseconds">The time that fetching took.</param>
/// <param name="CheckoutMilliseconds">The time that the checkout took.</param>
public sealed record WorkspaceView(
    RepositorySource Repository,
    string Sha,
    string? BaseSha,
    string? MergeBaseSha,
    IReadOnlyList<ChangedFile> ChangedFiles,
    bool ChangedFilesTruncated,
    IReadOnlyList<string> RestoredPaths,
    bool Fetched,
    bool CheckedOut,
    double FetchMilliseconds,
    double CheckoutMilliseconds);

/// <summary>How a file changed.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FileChange>))]
public enum FileChange
{
    /// <summary>It is new.</summary>
    [JsonStringEnumMemberName("added")]
    Added,

    /// <summary>Its content or mode changed.</summary>
    [JsonStringEnumMemberName("modified")]
    Modified,

    /// <summary>It is gone.</summary>
    [JsonStringEnumMemberName("deleted")]
    Deleted,

    /// <summary>It has another name.</summary>
    [JsonStringEnumMemberName("renamed")]
    Renamed,

    /// <summary>It became something else, such as a link.</summary>
    [JsonStringEnumMemberName("type_changed")]
    TypeChanged,
}

/// <summary>A file that base...head changes.</summary>
/// <param name="Path">Its path, relative to the repository's root. Bytes that are not UTF-8 are replaced.</param>
/// <param name="PreviousPath">Its name before, if it was renamed.</param>
/// <param name="Change">How it changed.</param>
/// <param name="Additions">Lines added; null for a binary file.</param>
/// <param name="Deletions">Lines removed; null for a binary file.</param>
public sealed record ChangedFile(string Path, string? PreviousPath, FileChange Change, int? Additions, int? Deletions);

/// <summary>The diff of base...head in git's unified form.</summary>
/// <param name="Patch">The text. Bytes that are not UTF-8 are replaced.</param>
/// <param name="Truncated">Whether it was cut at <see cref="HostLimits.DiffBytesMax"/>.</param>
public sealed record WorkspaceDiff(string Patch, bool Truncated);
