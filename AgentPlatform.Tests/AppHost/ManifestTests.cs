using System.Diagnostics;
using System.Text.RegularExpressions;

namespace AgentPlatform.Tests.AppHost;

/// <summary>
/// The manifest that aspirate reads, held by a golden file: a change of it is a change of how the system is deployed, and is seen in review.
/// To accept one, run the test with AGENTPLATFORM_ACCEPT=1.
/// </summary>
public sealed partial class ManifestTests
{
    private static readonly TimeSpan PublishMax = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task TheManifestIsTheGoldenOne()
    {
        var directory = Directory.CreateTempSubdirectory("agentplatform-manifest-");
        try
        {
            var published = Path.Combine(directory.FullName, "manifest.json");
            var output = await PublishAsync(published);
            Assert.True(File.Exists(published), output);

            // Paths lead from the output's directory, which is anywhere.
            var manifest = PathPattern().Replace(await File.ReadAllTextAsync(published), "\"path\": \"../$1");
            var golden = Path.Combine(RepositoryRoot(), "AgentPlatform.Tests", "AppHost", "manifest.golden.json");
            if (Environment.GetEnvironmentVariable("AGENTPLATFORM_ACCEPT") == "1")
            {
                await File.WriteAllTextAsync(golden, manifest.ReplaceLineEndings("\n"));
            }

            Assert.Equal((await File.ReadAllTextAsync(golden)).ReplaceLineEndings("\n").TrimEnd(), manifest.ReplaceLineEndings("\n").TrimEnd());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    private static async Task<string> PublishAsync(string path)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Projects.AgentPlatform_AppHost).Assembly.Location, "--publisher", "manifest", "--output-path", path])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.Combine(RepositoryRoot(), "AgentPlatform.AppHost"),
        };
        using var process = Process.Start(start) ?? throw new InvalidOperationException("dotnet did not start");
        using var limit = new CancellationTokenSource(PublishMax);
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
        await process.WaitForExitAsync(limit.Token);
        Assert.Equal(0, process.ExitCode);
        return await output + await errors;
    }

    private static string RepositoryRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
        {
            if (File.Exists(Path.Combine(directory.FullName, "AgentPlatform.sln")))
            {
                return directory.FullName;
            }
        }

        throw new InvalidOperationException("the tests do not run below the solution");
    }

    [GeneratedRegex("\"path\": \"[^\"]*?/((?:Services|AgentPlatform)\\.[A-Za-z0-9]+/[^\"/]+\\.csproj)", RegexOptions.CultureInvariant)]
    private static partial Regex PathPattern();
}
