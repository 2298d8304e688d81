namespace AgentPlatform.Emulators.GitHub.State;

/// <summary>A pull request.</summary>
internal sealed class PullRequest
{
    public required long Id { get; init; }

    public required int Number { get; init; }

    public required Repository Repository { get; init; }

    public required Account User { get; init; }

    public required string Title { get; set; }

    public string? Body { get; set; }

    public required string BaseRef { get; set; }

    public required string HeadRef { get; init; }

    /// <summary>Where the head branch is; null once that fork was deleted.</summary>
    public Repository? HeadRepository { get; set; }

    public required Account HeadOwner { get; init; }

    public bool Draft { get; set; }

    public bool Open { get; set; } = true;

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    public DateTimeOffset? ClosedAt { get; set; }

    public DateTimeOffset? MergedAt { get; set; }

    public Account? MergedBy { get; set; }

    /// <summary>What git says of the change, as of the last push to its head.</summary>
    public required PullChange Change { get; set; }

    public List<Review> Reviews { get; } = [];

    public bool IsFork => HeadRepository is null || HeadRepository.Id != Repository.Id;
}

/// <summary>What git says of a pull request.</summary>
/// <param name="BaseSha">The tip of the base branch at that time.</param>
/// <param name="MergeBase">Where the head left the base: what the change is compared with.</param>
/// <param name="MergeSha">The merge of both, at <c>refs/pull/N/merge</c>; null where they conflict.</param>
internal sealed record PullChange(string HeadSha, string BaseSha, string MergeBase, string? MergeSha, int Commits,
    IReadOnlyList<Git.GitDiffFile> Files)
{
    public int Additions => Files.Sum(file => file.Additions);

    public int Deletions => Files.Sum(file => file.Deletions);
}

/// <summary>A review of a pull request, with its comments on lines.</summary>
internal sealed class Review
{
    public required long Id { get; init; }

    public required Account User { get; init; }

    public required string Body { get; init; }

    public required string State { get; set; }

    public required string CommitId { get; init; }

    public DateTimeOffset? SubmittedAt { get; set; }

    public List<ReviewComment> Comments { get; } = [];
}

/// <summary>A comment on a line of a change.</summary>
internal sealed record ReviewComment(long Id, Account User, string Path, int? Line, string Side, string Body, string CommitId,
    DateTimeOffset CreatedAt);

/// <summary>A comment on an issue or pull request.</summary>
internal sealed class IssueComment
{
    public required long Id { get; init; }

    public required int IssueNumber { get; init; }

    public required Account User { get; init; }

    public required string Body { get; set; }

    public required bool ByApp { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }
}

/// <summary>A commit status.</summary>
internal sealed record CommitStatus(long Id, string Sha, string Context, string State, string? Description, string? TargetUrl,
    Account Creator, DateTimeOffset CreatedAt);
