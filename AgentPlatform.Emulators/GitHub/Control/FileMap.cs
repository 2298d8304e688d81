using System.Text;
using System.Text.Json;
using AgentPlatform.Emulators.GitHub.Git;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>Files as a test or a person writes them down, or as they lie in a directory.</summary>
internal static class FileMap
{
    private const int FilesMax = 10_000;
    private const long BytesMax = 256L * 1024 * 1024;

    /// <exception cref="FormatException">An entry is neither a text nor an object of the described form.</exception>
    public static IEnumerable<GitFile> Read(Dictionary<string, JsonElement>? files) =>
        (files ?? []).Select(pair => Read(pair.Key, pair.Value));

    /// <summary>The files below a directory. A link is taken over as a link and not followed.</summary>
    /// <exception cref="FormatException">There is no such directory, or too much in it.</exception>
    public static List<GitFile> ReadDirectory(string directory)
    {
        var root = Path.GetFullPath(directory);
        if (!Directory.Exists(root))
        {
            throw new FormatException($"There is no directory {root}");
        }

        var options = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.None,
            IgnoreInaccessible = false,
        };
        var files = new List<GitFile>();
        var bytes = 0L;
        foreach (var file in new DirectoryInfo(root).EnumerateFiles("*", options))
        {
            var path = Path.GetRelativePath(root, file.FullName).Replace('\\', '/');
            if (path.StartsWith(".git/", StringComparison.Ordinal))
            {
                continue;
            }

            var read = file.LinkTarget is { } target ? new GitFile(path, Encoding.UTF8.GetBytes(target), "120000")
                : new GitFile(path, File.ReadAllBytes(file.FullName), Mode(file));
            files.Add(read);
            bytes += read.Content!.Length;
            if (files.Count > FilesMax || bytes > BytesMax)
            {
                throw new FormatException($"{root} holds more than {FilesMax} files or {BytesMax} bytes");
            }
        }

        return files;
    }

    private static string Mode(FileInfo file) =>
        !OperatingSystem.IsWindows() && (file.UnixFileMode & UnixFileMode.UserExecute) != 0 ? "100755" : "100644";

    private static GitFile Read(string path, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return new GitFile(path, null);
            case JsonValueKind.String:
                return new GitFile(path, Encoding.UTF8.GetBytes(value.GetString()!));
            case JsonValueKind.Object:
                var mode = value.TryGetProperty("mode", out var given) ? given.GetString()! : "100644";
                var content = value.TryGetProperty("base64", out var base64) ? Convert.FromBase64String(base64.GetString()!)
                    : value.TryGetProperty("text", out var text) ? Encoding.UTF8.GetBytes(text.GetString()!)
                    : throw new FormatException($"The file {path} has neither \"text\" nor \"base64\"");
                return mode is "100644" or "100755" or "120000" ? new GitFile(path, content, mode)
                    : throw new FormatException($"The file {path} has the mode {mode}; git knows 100644, 100755 and 120000");
            default:
                throw new FormatException($"The file {path} is neither a text nor an object");
        }
    }
}
