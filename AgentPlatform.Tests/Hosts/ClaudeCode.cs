using System.Diagnostics;
using System.Text.Json.Nodes;

namespace AgentPlatform.Tests.Hosts;

/// <summary>
/// A test that needs the Claude Code program, which <c>./dev setup</c> installs. Without it the test is skipped and says so.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ClaudeCodeFactAttribute : FactAttribute
{
    public ClaudeCodeFactAttribute()
    {
        if (!File.Exists(ClaudeCode.Program))
        {
            Skip = $"Claude Code {ClaudeCode.Version} is not installed (eng/install-agents.sh, or ./dev setup)";
        }
    }
}

/// <summary>The real Claude Code program, run against the model emulator with the flags that the platform uses.</summary>
public static class ClaudeCode
{
    public const string Version = "2.1.328";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>Where <c>eng/install-agents.sh</c> puts it.</summary>
    public static string Program { get; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "AgentPlatform", "agents", "claude-code", Version,
        OperatingSystem.IsWindows() ? "claude.exe" : "claude");

    /// <summary>Runs one prompt in a directory and returns what the program wrote, line by line.</summary>
    public static async Task<IReadOnlyList<JsonNode>> RunAsync(EmulatorHost emulators, string directory, string prompt,
        string[]? flags = null, string? key = null)
    {
        using var home = new TemporaryDirectory();
        var start = new ProcessStartInfo(Program)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in (string[])["-p", prompt, "--output-format", "stream-json", "--verbose", "--setting-sources", "user",
            "--strict-mcp-config", .. flags ?? []])
        {
            start.ArgumentList.Add(argument);
        }

        var path = Environment.GetEnvironmentVariable("PATH");
        start.Environment.Clear();
        foreach (var (name, value) in new Dictionary<string, string?>
        {
            ["PATH"] = path,
            ["HOME"] = home.Path,
            ["ANTHROPIC_BASE_URL"] = $"{emulators.Url}/anthropic",
            ["ANTHROPIC_API_KEY"] = key ?? EmulatorHost.ModelKey,
            ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
            ["DISABLE_TELEMETRY"] = "1",
            ["DISABLE_ERROR_REPORTING"] = "1",
            ["DISABLE_AUTOUPDATER"] = "1",
            // The test may run as root, which bypassPermissions refuses outside a sandbox.
            ["IS_SANDBOX"] = "1",
        })
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        try
        {
            process.StandardInput.Close();
            using var deadline = new CancellationTokenSource(Patience);
            var errors = process.StandardError.ReadToEndAsync(deadline.Token);
            var output = await process.StandardOutput.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonNode.Parse(line)!).ToList();
            Assert.True(lines.Count > 0, $"Claude Code wrote nothing and ended with {process.ExitCode}: {await errors}");
            return lines;
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }
}

/// <summary>A directory that is gone after the test.</summary>
public sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("ap-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
