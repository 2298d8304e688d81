using System.Text;
using AgentPlatform.ServiceDefaults.Failpoints;
using Aspire.Hosting.Testing;
using Npgsql;
using StackExchange.Redis;

namespace AgentPlatform.Tests.EndToEnd;

/// <summary>After a run with a review, the secrets are where they belong and nowhere else.</summary>
[Collection(RoadCollection.Name)]
[Trait("Needs", "Linux")]
public sealed class SecretTests(Platform platform)
{
    /// <summary>What no place but its owner's may hold: the key of the model provider, the webhook secret, the App's key, tokens of installations and of runs.</summary>
    private static readonly string[] Secrets = [Platform.ModelKey, Platform.WebhookSecret, "PRIVATE KEY-----", "ghs_1001", RunToken];

    /// <summary>How a run's token for the model gateway begins. The host keeps it beside the instance, in memory and for itself, so that the door outlives a restart.</summary>
    private const string RunToken = "apm_";
    private const string RunTokenFile = "model-token";

    private const int FileBytesMax = 50_000_000;

    [Fact]
    public async Task NoEnvironmentFileLogTableStreamOrSpanHoldsASecret()
    {
        using var place = platform.Hold(FailpointNames.AgentPrompted);
        var demo = await platform.SendAsync("github/demo", new { });
        await place.ReachedAsync();

        // While the agent runs: what any process in its sandbox can see of itself, and what its files say.
        var sandboxed = Sandboxed().ToList();
        Assert.NotEmpty(sandboxed);
        Assert.All(sandboxed, process => AssertClean(process.What, process.Text));
        AssertClean("the host's environment", Environment(await platform.ProcessIdAsync("wsl2host")));
        CheckHostFiles();
        place.Release();

        var run = Assert.Single(await platform.ConcludedAsync(demo["repository"]!.GetValue<string>(), demo["number"]!.GetValue<int>()));
        Assert.Single(run.Findings);
        CheckHostFiles();
        foreach (var message in platform.Log.Messages)
        {
            AssertClean("a log", message);
        }

        foreach (var step in run.Steps)
        {
            AssertClean($"the log of step {step.Name}", (await platform.Client.Runs.Get(run.Run.Id).LogAsync(step.Name, 0, 0, CancellationToken.None)).Text);
        }

        var trace = await platform.Client.Runs.Get(run.Run.Id).TraceAsync(CancellationToken.None);
        Assert.NotEmpty(trace.Spans);
        AssertClean("a span", await platform.Api.GetStringAsync($"/api/v1/runs/{run.Run.Id}/trace"));
        Assert.NotEqual(0, await CheckTablesAsync());
        Assert.NotEqual(0, await CheckRedisAsync());
    }

    private IEnumerable<(string What, string Text)> Sandboxed()
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            if (Read(Path.Combine(directory, "cgroup")).Contains(platform.HostDirectories.Key, StringComparison.Ordinal))
            {
                yield return ($"{directory}/environ", Read(Path.Combine(directory, "environ")));
                yield return ($"{directory}/cmdline", Read(Path.Combine(directory, "cmdline")));
            }
        }
    }

    private static void AssertPrivate(string file)
    {
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    private static string Environment(int process) => Read($"/proc/{process}/environ");

    /// <summary>Everything that the host keeps: handles, spools, mirrors, checkouts, workspaces.</summary>
    private void CheckHostFiles()
    {
        var (directories, files) = (platform.HostDirectories, 0);
        foreach (var root in (string[])[directories.State, directories.Runtime])
        {
            foreach (var file in Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Device }))
            {
                // The agent program itself is mounted there; it is what is installed.
                if (Path.GetFileName(file) == RunTokenFile)
                {
                    AssertPrivate(file);
                    continue;
                }

                if (!file.StartsWith(directories.ReadOnlyMounts, StringComparison.Ordinal) && new FileInfo(file).Length is > 0 and < FileBytesMax)
                {
                    AssertClean(file, Read(file));
                    files++;
                }
            }
        }

        Assert.NotEqual(0, files);
    }

    private async Task<int> CheckTablesAsync()
    {
        await using var database = NpgsqlDataSource.Create((await platform.App.GetConnectionStringAsync("agentplatform"))!);
        var tables = new List<string>();
        await using (var command = database.CreateCommand(
            "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname IN ('webhooks', 'scheduler', 'sessions', 'gateway')"))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                tables.Add(reader.GetString(0));
            }
        }

        var rows = 0;
        foreach (var table in tables)
        {
            await using var command = database.CreateCommand($"SELECT row_to_json(t)::text FROM {table} t");
            await using var reader = await command.ExecuteReaderAsync();
            while (await reader.ReadAsync())
            {
                AssertClean($"a row of {table}", reader.GetString(0));
                rows++;
            }
        }

        return rows;
    }

    private async Task<int> CheckRedisAsync()
    {
        var options = ConfigurationOptions.Parse((await platform.App.GetConnectionStringAsync("redis"))!);
        options.AllowAdmin = true;
        await using var redis = await ConnectionMultiplexer.ConnectAsync(options);
        var database = redis.GetDatabase();
        var keys = (string?[]?)await database.ExecuteAsync("KEYS", "*") ?? [];
        foreach (var key in keys.OfType<string>())
        {
            AssertClean($"the key {key}", Encoding.Latin1.GetString((byte[]?)await database.ExecuteAsync("DUMP", key) ?? []));
        }

        return keys.Length;
    }

    private static void AssertClean(string what, string text)
    {
        foreach (var secret in Secrets)
        {
            Assert.False(text.Contains(secret, StringComparison.Ordinal), $"{what} holds {secret[..Math.Min(secret.Length, 12)]}…");
        }
    }

    /// <summary>The bytes as text; of what has just gone, nothing.</summary>
    private static string Read(string file)
    {
        try
        {
            return Encoding.Latin1.GetString(File.ReadAllBytes(file));
        }
        catch (Exception gone) when (gone is IOException or UnauthorizedAccessException)
        {
            return string.Empty;
        }
    }
}
