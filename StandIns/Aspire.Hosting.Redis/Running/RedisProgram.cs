using System.Globalization;
using System.Text.RegularExpressions;
using Aspire.Hosting.Running.Processes;
using Aspire.Hosting.Running.Programs;
using Aspire.Hosting.Running.Volumes;

namespace Aspire.Hosting.Redis.Running;

/// <summary>
/// Runs the machine's own Redis in place of the container. It understands what the model gives the container: the variable
/// <c>REDIS_PASSWORD</c>, the <c>--save</c> rules among the arguments, and a volume for the data.
/// </summary>
internal sealed partial class RedisProgram : IProgram, IDisposable
{
    private Volume? _volume;

    /// <inheritdoc/>
    public async Task<ProcessSpec> PrepareAsync(ProgramStart start, CancellationToken cancellationToken)
    {
        var server = ProgramFinder.Find("redis-server", null, "/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
            ?? throw new DistributedApplicationException(
                "Redis' server program (redis-server) was not found on this machine. Install it: "
                + "apt-get install redis-server (Debian, Ubuntu), dnf install redis (Fedora), brew install redis (macOS).");

        // The directory stays the same for all starts of one run, as a container keeps its data over a restart.
        _volume ??= Volume.Open(start);
        if (_volume.IsKept)
        {
            await Volume.WaitUntilUnusedAsync(_volume.Directory, start.Run.Time, cancellationToken);
        }

        // The configuration goes through standard input, where no other process can read the password.
        return new ProcessSpec(server, ["-"], ProgramEnvironment.With(new Dictionary<string, string>()), _volume.Directory)
        {
            Input = Configuration(start, _volume.Directory),
        };
    }

    /// <inheritdoc/>
    public void Dispose() => _volume?.Dispose();

    /// <summary>The text of redis.conf for an instance.</summary>
    internal static string Configuration(ProgramStart start, string directory)
    {
        var rules = SaveRule().Matches(string.Join(' ', start.Arguments))
            .Select(rule => $"save {rule.Groups[1].Value} {rule.Groups[2].Value}")
            .ToList();
        List<string> lines =
        [
            // A minus allows a machine without IPv6.
            "bind 127.0.0.1 -::1",
            string.Create(CultureInfo.InvariantCulture, $"port {start.TargetPorts.Values.Single()}"),
            $"dir {Quote(directory)}",
            "daemonize no",
            .. rules.Count > 0 ? rules : ["save \"\""],
        ];
        if (start.Environment.TryGetValue("REDIS_PASSWORD", out var password) && password.Length > 0)
        {
            lines.Add($"requirepass {Quote(password)}");
        }

        return string.Join('\n', lines) + "\n";
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";

    [GeneratedRegex(@"--save (\d+) (\d+)")]
    private static partial Regex SaveRule();
}
