using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace AgentPlatform.Emulators.GitHub.Git;

/// <summary>What the emulator asks of bare repositories, each named by its directory.</summary>
internal sealed partial class GitStore(GitProgram git)
{
    public const string NoCommit = "0000000000000000000000000000000000000000";

    private const string CommitFormat = "%H%x1f%T%x1f%P%x1f%an%x1f%ae%x1f%at%x1f%cn%x1f%ce%x1f%ct%x1f%B";

    // As GitHub does: any commit may be fetched by its SHA, partial clones work, and nobody pushes to refs/pull.
    private const string Configuration = """
        [uploadpack]
            allowAnySHA1InWant = true
            allowFilter = true
        [receive]
            hideRefs = refs/pull
        [gc]
            auto = 0

        """;

    public async Task InitializeAsync(string directory, string defaultBranch, CancellationToken cancellationToken)
    {
        await git.RequireAsync(directory, ["init", "--bare", "--quiet", "--initial-branch", defaultBranch, "."], default,
            cancellationToken);
        await File.AppendAllTextAsync(Path.Combine(directory, "config"), Configuration, cancellationToken);
    }

    /// <summary>
    /// The commit that a name stands for, or null: a SHA of at least seven digits, a branch, a tag, or a ref below <c>refs/</c>.
    /// </summary>
    public async Task<string?> ResolveAsync(string directory, string name, CancellationToken cancellationToken)
    {
        if (name.Length == 0 || UnsafeInRevision().IsMatch(name) || name.Contains("..", StringComparison.Ordinal) ||
            name.Contains("@{", StringComparison.Ordinal))
        {
            return null;
        }

        string[] candidates = name == "HEAD" || ShaPrefix().IsMatch(name) || name.StartsWith("refs/", StringComparison.Ordinal)
            ? [name]
            : [$"refs/heads/{name}", $"refs/tags/{name}", $"refs/{name}"];
        foreach (var candidate in candidates)
        {
            var found = await git.RunAsync(directory, ["rev-parse", "--verify", "--quiet", "--end-of-options", $"{candidate}^{{commit}}"],
                default, cancellationToken);
            if (found.ExitCode == 0)
            {
                return found.Text.Trim();
            }
        }

        return null;
    }

    /// <summary>Every ref with the object it names.</summary>
    public async Task<Dictionary<string, string>> RefsAsync(string directory, CancellationToken cancellationToken)
    {
        var listed = await git.RequireAsync(directory, ["for-each-ref", "--format=%(refname) %(objectname)"], default, cancellationToken);
        return listed.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split(' '))
            .ToDictionary(parts => parts[0], parts => parts[1], StringComparer.Ordinal);
    }

    public Task SetRefAsync(string directory, string name, string sha, CancellationToken cancellationToken) =>
        git.RequireAsync(directory, ["update-ref", "--", name, sha], default, cancellationToken);

    public Task DeleteRefAsync(string directory, string name, CancellationToken cancellationToken) =>
        git.RequireAsync(directory, ["update-ref", "-d", "--", name], default, cancellationToken);

    /// <summary>Copies a commit of one repository into another, under a ref of its own.</summary>
    public Task CopyAsync(string fromDirectory, string sha, string toDirectory, string refName, CancellationToken cancellationToken) =>
        git.RequireAsync(toDirectory,
            ["-c", "protocol.file.allow=always", "fetch", "--quiet", "--no-tags", "--", fromDirectory, $"+{sha}:{refName}"], default,
            cancellationToken);

    public async Task<GitCommit?> CommitAsync(string directory, string sha, CancellationToken cancellationToken)
    {
        var log = await git.RunAsync(directory, ["log", "-z", "--no-walk", $"--format={CommitFormat}", "--end-of-options", sha, "--"], default,
            cancellationToken);
        return log.ExitCode == 0 ? ParseCommits(log.Text).FirstOrDefault() : null;
    }

    /// <summary>Commits reachable from one and not from another, newest first.</summary>
    public async Task<IReadOnlyList<GitCommit>> CommitsAsync(string directory, string? notFrom, string from, int max,
        CancellationToken cancellationToken)
    {
        string[] range = notFrom is null ? [from] : [from, $"^{notFrom}"];
        var log = await git.RequireAsync(directory, ["log", "-z", $"--max-count={max}", $"--format={CommitFormat}", .. range, "--"],
            default, cancellationToken);
        return ParseCommits(log.Text);
    }

    public async Task<string?> MergeBaseAsync(string directory, string one, string other, CancellationToken cancellationToken)
    {
        var found = await git.RunAsync(directory, ["merge-base", one, other], default, cancellationToken);
        return found.ExitCode == 0 ? found.Text.Trim() : null;
    }

    /// <summary>How many commits the second has that the first lacks, and the other way round.</summary>
    public async Task<(int Ahead, int Behind)> DistanceAsync(string directory, string from, string to, CancellationToken cancellationToken)
    {
        var counted = await git.RequireAsync(directory, ["rev-list", "--left-right", "--count", $"{from}...{to}", "--"], default,
            cancellationToken);
        var parts = counted.Text.Trim().Split('\t');
        return (int.Parse(parts[1], CultureInfo.InvariantCulture), int.Parse(parts[0], CultureInfo.InvariantCulture));
    }

    /// <summary>What lies at a path of a commit, with its content.</summary>
    public async Task<GitObject?> ReadAsync(string directory, string sha, string path, CancellationToken cancellationToken)
    {
        if (path.Split('/').Any(segment => segment is "." or "..") || path.Contains('\n', StringComparison.Ordinal))
        {
            return null;
        }

        var read = await git.RequireAsync(directory, ["cat-file", "--batch"], Encoding.UTF8.GetBytes($"{sha}:{path}\n"), cancellationToken);
        var end = Array.IndexOf(read.Output, (byte)'\n');
        var header = Encoding.UTF8.GetString(read.Output, 0, Math.Max(end, 0)).Split(' ');
        if (header.Length != 3 || header[0].Length != NoCommit.Length)
        {
            return null;
        }

        var size = int.Parse(header[2], CultureInfo.InvariantCulture);
        return new GitObject(header[0], header[1], read.Output.AsSpan(end + 1, size).ToArray());
    }

    /// <summary>The entries of a tree.</summary>
    public async Task<IReadOnlyList<GitEntry>> EntriesAsync(string directory, string tree, CancellationToken cancellationToken)
    {
        var listed = await git.RequireAsync(directory, ["ls-tree", "-z", "-l", tree], default, cancellationToken);
        return [.. listed.Text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(ParseEntry)];
    }

    /// <summary>Makes the commit and moves the branch to it, forwards or not.</summary>
    public async Task<string> CommitAsync(string directory, GitChange change, CancellationToken cancellationToken)
    {
        await git.RequireAsync(directory, ["fast-import", "--quiet", "--force", "--done"], FastImport.Write(change), cancellationToken);
        var made = await git.RequireAsync(directory, ["rev-parse", "--verify", "--end-of-options", $"refs/heads/{change.Branch}"], default,
            cancellationToken);
        return made.Text.Trim();
    }

    /// <summary>The commit that merging would make, not on any branch; null where the two conflict.</summary>
    public async Task<string?> MergeAsync(string directory, string into, string head, string message, GitPerson author,
        CancellationToken cancellationToken)
    {
        var merged = await git.RunAsync(directory, ["merge-tree", "--write-tree", "--no-messages", into, head], default, cancellationToken);
        if (merged.ExitCode != 0)
        {
            return null;
        }

        var when = author.When.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) + " +0000";
        var commit = $"tree {merged.Text.Trim()}\nparent {into}\nparent {head}\nauthor {author.Name} <{author.Email}> {when}\ncommitter {author.Name} <{author.Email}> {when}\n\n{message}\n";
        var written = await git.RequireAsync(directory, ["hash-object", "-t", "commit", "-w", "--stdin"], Encoding.UTF8.GetBytes(commit),
            cancellationToken);
        return written.Text.Trim();
    }

    private static List<GitCommit> ParseCommits(string text) =>
        [.. text.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(record => record.Split('\x1f')).Select(part => new GitCommit(
            part[0].Trim(),
            part[1],
            part[2].Split(' ', StringSplitOptions.RemoveEmptyEntries),
            new GitPerson(part[3], part[4], Seconds(part[5])),
            new GitPerson(part[6], part[7], Seconds(part[8])),
            part[9].TrimEnd('\n')))];

    private static GitEntry ParseEntry(string line)
    {
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        var fields = line[..tab].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        long? size = fields[3] == "-" ? null : long.Parse(fields[3], CultureInfo.InvariantCulture);
        return new GitEntry(line[(tab + 1)..], fields[0], fields[1], fields[2], size);
    }

    private static DateTimeOffset Seconds(string text) =>
        DateTimeOffset.FromUnixTimeSeconds(long.Parse(text, CultureInfo.InvariantCulture));

    [GeneratedRegex("^[0-9a-fA-F]{7,40}$")]
    private static partial Regex ShaPrefix();

    [GeneratedRegex(@"[\x00-\x20\x7f~^:?*\[\\]")]
    private static partial Regex UnsafeInRevision();
}
