using System.Globalization;
using Aspire.Hosting.Running.Processes;
using Aspire.Hosting.Running.Programs;
using Aspire.Hosting.Running.Volumes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.PostgreSQL.Running;

/// <summary>
/// Runs the machine's own Postgres in place of the container. It understands what the container's image does: the variables
/// <c>POSTGRES_USER</c> and <c>POSTGRES_PASSWORD</c>, and a volume for the data.
/// </summary>
internal sealed partial class PostgresProgram : IProgram, IDisposable
{
    private static readonly TimeSpan InitMax = TimeSpan.FromMinutes(2);

    private Volume? _volume;

    /// <inheritdoc/>
    public async Task<ProcessSpec> PrepareAsync(ProgramStart start, CancellationToken cancellationToken)
    {
        // The directory stays the same for all starts of one run, as a container keeps its data over a restart.
        _volume ??= Volume.Open(start);
        var data = Path.Combine(_volume.Directory, "data");
        var programs = PostgresPrograms.Find(await VersionOfAsync(data, cancellationToken));
        var account = new PostgresAccount(Required(start, "POSTGRES_USER"), Required(start, "POSTGRES_PASSWORD"));
        var user = Posix.IsRoot ? ServiceUser.Find("postgres", "nobody") : null;
        var cluster = new PostgresCluster(programs, _volume, user, start.Run.Lifeline, InitMax, start.Run.Time);

        if (!File.Exists(Path.Combine(data, "PG_VERSION")))
        {
            Log.DirectoryMade(start.Logger, data, programs.Directory);
            await cluster.CreateAsync(account, cancellationToken);
        }
        else
        {
            await cluster.RecoverAsync(cancellationToken);
            await cluster.EnsurePasswordAsync(account, cancellationToken);
        }

        user?.Own(_volume.Directory);
        var arguments = ServerArguments(data, start.TargetPorts.Values.Single());
        return cluster.As(new ProcessSpec(programs.Server, arguments, cluster.Environment, data) { StopSignal = StopSignal.Interrupt });
    }

    /// <inheritdoc/>
    public void Dispose() => _volume?.Dispose();

    private List<string> ServerArguments(string data, int port)
    {
        List<string> arguments =
        [
            "-D", data,
            "-c", "listen_addresses=localhost",
            "-c", string.Create(CultureInfo.InvariantCulture, $"port={port}"),
            "-c", "unix_socket_directories=",
            "-c", "timezone=UTC",
        ];
        if (!_volume!.IsKept)
        {
            // Nobody will read these data after a crash of the machine. A crash of the server alone loses nothing that was committed.
            arguments.AddRange(["-c", "fsync=off", "-c", "full_page_writes=off"]);
        }

        return arguments;
    }

    private static async Task<string?> VersionOfAsync(string data, CancellationToken cancellationToken)
    {
        var file = Path.Combine(data, "PG_VERSION");
        return File.Exists(file) ? (await File.ReadAllTextAsync(file, cancellationToken)).Trim() : null;
    }

    private static string Required(ProgramStart start, string variable) =>
        start.Environment.TryGetValue(variable, out var value) && value.Length > 0
            ? value
            : throw new DistributedApplicationException($"Resource '{start.Resource.Name}' has no variable {variable}.");

    private static partial class Log
    {
        [LoggerMessage(8160, LogLevel.Information, "Making the data directory '{Directory}' with the programs in '{Programs}'")]
        public static partial void DirectoryMade(ILogger logger, string directory, string programs);
    }
}

/// <summary>The server's administrator.</summary>
internal sealed record PostgresAccount(string User, string Password);
