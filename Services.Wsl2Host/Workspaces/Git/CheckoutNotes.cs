using System.Globalization;
using System.Text;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Workspaces.Git;

/// <summary>What was noted when a checkout was made.</summary>
/// <param name="MergeBase">The last commit common with base; null without one.</param>
/// <param name="ChangedFiles">What base...head changes.</param>
/// <param name="ChangedFilesTruncated">Whether there are more.</param>
/// <param name="Restored">Agent configuration that was put back.</param>
/// <param name="Patch">The diff.</param>
/// <param name="PatchTruncated">Whether it was cut.</param>
internal sealed record CheckoutNotes(
    string? MergeBase, IReadOnlyList<ChangedFile> ChangedFiles, bool ChangedFilesTruncated, IReadOnlyList<string> Restored, string Patch, bool PatchTruncated)
{
    private const int RestoredMax = 1000;
    private const int ListBytesMax = 16 * 1024 * 1024;

    public static CheckoutNotes Read(string directory)
    {
        var files = Git.ChangedFiles.Read(Bytes(directory, "changed", ListBytesMax), HostLimits.ChangedFilesMax, out var truncated);
        var mergeBase = Text(directory, "mergebase").Trim();
        var patch = Bytes(directory, "diff", HostLimits.DiffBytesMax + 1);
        return new CheckoutNotes(
            mergeBase.Length > 0 ? mergeBase : null,
            files,
            truncated,
            [.. Text(directory, "restored").Split('\0', StringSplitOptions.RemoveEmptyEntries).Take(RestoredMax)],
            Encoding.UTF8.GetString(patch.AsSpan(0, Math.Min(patch.Length, HostLimits.DiffBytesMax))),
            patch.Length > HostLimits.DiffBytesMax);
    }

    /// <summary>The bytes of the checked out files.</summary>
    public static long ReadBytes(string directory) =>
        Text(directory, "size").Split(' ') is [_, var bytes] && long.TryParse(bytes, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static string Text(string directory, string name) => Encoding.UTF8.GetString(Bytes(directory, name, ListBytesMax));

    private static byte[] Bytes(string directory, string name, int max)
    {
        var path = Path.Combine(directory, name);

        // Git wrote it while it handled what nobody trusts.
        if (!File.Exists(path) || File.GetAttributes(path).HasFlag(FileAttributes.ReparsePoint))
        {
            return [];
        }

        using var file = File.OpenHandle(path);
        var bytes = new byte[Math.Min(max, RandomAccess.GetLength(file))];
        return bytes[..RandomAccess.Read(file, bytes, 0)];
    }
}
