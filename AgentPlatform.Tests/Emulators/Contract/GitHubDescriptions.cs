using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentPlatform.Tests.Emulators.Contract;

/// <summary>
/// A test that needs GitHub's published descriptions, which <c>./dev setup --for-tests</c> installs. Without them the test is skipped and
/// says so.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class GitHubDescriptionsFactAttribute : FactAttribute
{
    public GitHubDescriptionsFactAttribute()
    {
        if (!File.Exists(Path.Combine(GitHubDescriptions.Directory, "rest.json")))
        {
            Skip = "GitHub's descriptions are not installed (eng/install-github-descriptions.sh, or ./dev setup --for-tests)";
        }
    }
}

/// <summary>An answer or a webhook, and what the description has against it.</summary>
public sealed record Verdict(int Index, string Name, IReadOnlyList<string> Errors);

/// <summary>GitHub's descriptions, asked through a JSON-schema validator on Node.</summary>
public static class GitHubDescriptions
{
    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    public static string Directory { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "AgentPlatform", "github-descriptions", "23.0.2-12.1.0");

    /// <summary>Holds records of the form that <c>validate.mjs</c> describes against the descriptions.</summary>
    public static async Task<IReadOnlyList<Verdict>> ValidateAsync(JsonArray records)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Emulators", "Contract", "validate.mjs");
        var start = new ProcessStartInfo("node",
            [script, Directory])
        { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        using var deadline = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        var errors = process.StandardError.ReadToEndAsync(deadline.Token);
        await process.StandardInput.WriteAsync(records.ToJsonString());
        process.StandardInput.Close();
        await process.WaitForExitAsync(deadline.Token);
        Assert.True(process.ExitCode == 0, await errors);
        return [.. (await output).Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => JsonSerializer.Deserialize<Verdict>(line, Web)!)];
    }
}
