using System.Globalization;
using System.Text;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Workspaces.Git;

/// <summary>Reads the output of <c>git diff --raw --numstat -z</c>.</summary>
internal static class ChangedFiles
{
    /// <summary>The changed files, at most so many.</summary>
    /// <param name="output">What git wrote.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="truncated">Whether there are more.</param>
    public static IReadOnlyList<ChangedFile> Read(ReadOnlySpan<byte> output, int max, out bool truncated)
    {
        var fields = Encoding.UTF8.GetString(output).Split('\0');
        List<ChangedFile> files = [];
        Dictionary<string, int> places = new(StringComparer.Ordinal);
        truncated = false;
        for (var i = 0; i < fields.Length && fields[i].Length > 0;)
        {
            if (fields[i][0] == ':')
            {
                i += ReadRaw(fields.AsSpan(i), files, places, max, ref truncated);
            }
            else
            {
                i += ReadCounts(fields.AsSpan(i), files, places);
            }
        }

        return files;
    }

    // ":100644 100644 abc def M", path; for a rename also the new path.
    private static int ReadRaw(ReadOnlySpan<string> fields, List<ChangedFile> files, Dictionary<string, int> places, int max, ref bool truncated)
    {
        var kind = fields[0][(fields[0].LastIndexOf(' ') + 1)..];
        var renamed = kind[0] is 'R' or 'C';
        if (files.Count == max)
        {
            truncated = true;
        }
        else
        {
            var path = fields[renamed ? 2 : 1];
            places[path] = files.Count;
            files.Add(new ChangedFile(path, renamed ? fields[1] : null, Kind(kind[0]), null, null));
        }

        return renamed ? 3 : 2;
    }

    // "12\t3\tpath"; for a rename "12\t3\t", old path, new path; for a binary file "-\t-\tpath".
    private static int ReadCounts(ReadOnlySpan<string> fields, List<ChangedFile> files, Dictionary<string, int> places)
    {
        var parts = fields[0].Split('\t', 3);
        if (parts.Length < 3)
        {
            return 1;
        }

        var renamed = parts[2].Length == 0;
        var path = renamed ? fields[2] : parts[2];
        if (places.TryGetValue(path, out var place))
        {
            files[place] = files[place] with { Additions = Number(parts[0]), Deletions = Number(parts[1]) };
        }

        return renamed ? 3 : 1;
    }

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static FileChange Kind(char letter) => letter switch
    {
        'A' or 'C' => FileChange.Added,
        'D' => FileChange.Deleted,
        'R' => FileChange.Renamed,
        'T' => FileChange.TypeChanged,
        _ => FileChange.Modified,
    };
}
