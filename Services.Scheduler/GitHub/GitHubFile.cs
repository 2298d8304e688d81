using System.Text;
using System.Text.Json;

namespace Services.Scheduler.GitHub;

/// <summary>What stands under a path in a commit: a text, or why it is none.</summary>
/// <param name="Text">The text of a file, or null.</param>
/// <param name="Fault">Why there is no text, or null.</param>
internal sealed record GitHubFile(string? Text, string? Fault)
{
    /// <summary>Reads GitHub's answer for a path: an object for one entry, an array for a directory.</summary>
    /// <exception cref="GitHubException">It is neither.</exception>
    public static GitHubFile Read(JsonElement answer)
    {
        if (answer.ValueKind == JsonValueKind.Array)
        {
            return Without("it is a directory, not a file");
        }

        try
        {
            return answer.Deserialize(GitHubJsonContext.Default.GitHubContent) switch
            {
                { Type: "file", Encoding: "base64", Content: { } text } => new GitHubFile(Encoding.UTF8.GetString(Convert.FromBase64String(text)), null),
                { Type: "file" } => Without("the file is larger than 1 MiB"),
                { Type: { } type } => Without($"it is a {type}, not a file"),
                _ => throw Unreadable(),
            };
        }
        catch (Exception error) when (error is JsonException or FormatException)
        {
            throw Unreadable();
        }
    }

    private static GitHubFile Without(string fault) => new(null, fault);

    private static GitHubException Unreadable() => new("GitHub's answer could not be read", null);
}
