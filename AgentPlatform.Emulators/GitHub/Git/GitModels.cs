namespace AgentPlatform.Emulators.GitHub.Git;

/// <summary>Who wrote a commit, and when.</summary>
internal sealed record GitPerson(string Name, string Email, DateTimeOffset When);

/// <summary>A commit as git stores it.</summary>
internal sealed record GitCommit(string Sha, string Tree, IReadOnlyList<string> Parents, GitPerson Author, GitPerson Committer,
    string Message);

/// <summary>One file of a change to a branch. No content means the file is removed.</summary>
internal sealed record GitFile(string Path, byte[]? Content, string Mode = "100644");

/// <summary>A commit to be made.</summary>
/// <param name="Branch">The branch's name, without <c>refs/heads/</c>.</param>
/// <param name="Parent">The commit it stands on; none makes a root.</param>
/// <param name="KeepOthers">Whether files that are not named stay as they are in the parent.</param>
internal sealed record GitChange(string Branch, string Message, GitPerson Author, string? Parent, IReadOnlyList<GitFile> Files,
    bool KeepOthers = true);

/// <summary>One file between two commits, by GitHub's words for the status.</summary>
internal sealed record GitDiffFile(string Path, string? PreviousPath, string Status, string Sha, int Additions, int Deletions,
    string? Patch);

/// <summary>What lies at a path: <c>blob</c>, <c>tree</c> or <c>commit</c> (a submodule).</summary>
internal sealed record GitObject(string Sha, string Type, byte[] Content);

/// <summary>An entry of a directory. Only blobs have a size.</summary>
internal sealed record GitEntry(string Name, string Mode, string Type, string Sha, long? Size);
