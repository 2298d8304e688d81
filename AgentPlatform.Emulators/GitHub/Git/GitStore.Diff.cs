using System.Globalization;

namespace AgentPlatform.Emulators.GitHub.Git;

internal sealed partial class GitStore
{
    private static readonly string[] DiffArguments = ["diff", "--no-color", "--no-ext-diff", "--no-textconv", "-M", "--full-index"];

    /// <summary>The change between two commits as text.</summary>
    public async Task<string> PatchAsync(string directory, string from, string to, CancellationToken cancellationToken) =>
        (await git.RequireAsync(directory, [.. DiffArguments, from, to, "--"], default, cancellationToken)).Text;

    /// <summary>The files between two commits, in git's order, each with its patch unless it is binary.</summary>
    public async Task<IReadOnlyList<GitDiffFile>> DiffAsync(string directory, string from, string to, CancellationToken cancellationToken)
    {
        var raw = await git.RequireAsync(directory, [.. DiffArguments, "--raw", "--numstat", "-z", from, to, "--"], default,
            cancellationToken);
        var patches = SplitPatches(await PatchAsync(directory, from, to, cancellationToken));
        var files = ParseRaw(raw.Text);
        return [.. files.Select((file, index) => file with { Patch = index < patches.Count ? patches[index] : null })];
    }

    /// <summary>With -z both lists come as fields between NULs: first the raw records, then the counts, in the same order.</summary>
    private static List<GitDiffFile> ParseRaw(string text)
    {
        var fields = new Queue<string>(text.Split('\0'));
        var files = new List<GitDiffFile>();
        var counted = 0;
        while (fields.TryDequeue(out var field) && field.Length > 0)
        {
            if (field[0] == ':')
            {
                var parts = field.Split(' ');
                var (letter, first) = (parts[4][0], fields.Dequeue());
                var second = letter is 'R' or 'C' ? fields.Dequeue() : null;
                var sha = letter == 'D' ? parts[2] : parts[3];
                files.Add(new GitDiffFile(second ?? first, second is null ? null : first, Status(letter), sha, 0, 0, null));
                continue;
            }

            var counts = field.Split('\t');
            if (counts[2].Length == 0)
            {
                fields.Dequeue();
                fields.Dequeue();
            }

            files[counted] = files[counted] with { Additions = Count(counts[0]), Deletions = Count(counts[1]) };
            counted++;
        }

        return files;
    }

    private static List<string?> SplitPatches(string diff)
    {
        var patches = new List<string?>();
        foreach (var file in ("\n" + diff).Split("\ndiff --git ", StringSplitOptions.None).Skip(1))
        {
            var hunks = file.IndexOf("\n@@ ", StringComparison.Ordinal);
            patches.Add(hunks < 0 ? null : file[(hunks + 1)..].TrimEnd('\n'));
        }

        return patches;
    }

    private static string Status(char letter) => letter switch
    {
        'A' => "added",
        'D' => "removed",
        'R' => "renamed",
        'C' => "copied",
        _ => "modified",
    };

    private static int Count(string text) => text == "-" ? 0 : int.Parse(text, CultureInfo.InvariantCulture);
}
