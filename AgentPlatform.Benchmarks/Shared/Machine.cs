using System.Globalization;
using System.Runtime.InteropServices;
using Npgsql;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>What every table says of where and from what it was measured.</summary>
internal static class Machine
{
    public static async Task<string> DescribeAsync(string postgres)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        await using var settings = source.CreateCommand(
            "SELECT string_agg(name || ' ' || setting, ', ' ORDER BY name) FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'full_page_writes', 'server_version')");
        var (stored, commit) = (await settings.ExecuteScalarAsync(), await CommitAsync());
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{TimeProvider.System.GetUtcNow():yyyy-MM-dd}, commit {commit}. {Environment.ProcessorCount} processors ({Processor()}), {RuntimeInformation.OSDescription}, .NET {Environment.Version}. Postgres: {stored}. Load, services and stores share the machine.");
    }

    private static string Processor() => File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':', 2)[1].Trim() ?? "unknown";

    private static async Task<string> CommitAsync()
    {
        using var git = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("git", ["describe", "--always", "--dirty"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        })!;
        var commit = (await git.StandardOutput.ReadToEndAsync()).Trim();
        await git.WaitForExitAsync();
        return commit.Length > 0 ? commit : "unknown";
    }
}
