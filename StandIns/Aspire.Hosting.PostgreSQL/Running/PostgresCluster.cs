using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.Running.Processes;
using Aspire.Hosting.Running.Programs;
using Aspire.Hosting.Running.Volumes;

namespace Aspire.Hosting.PostgreSQL.Running;

/// <summary>The data directory of a server, and what has to be done to it while no server runs.</summary>
internal sealed class PostgresCluster(
    PostgresPrograms programs, Volume volume, ServiceUser? user, Lifeline lifeline, TimeSpan limit, TimeProvider time)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int SaltBytes = 16;
    private const int HashBytes = 32;
    private const int HashRounds = 10_000;

    private string Data => Path.Combine(volume.Directory, "data");

    /// <summary>Fingerprint of the password that the data directory has.</summary>
    private string Fingerprint => Path.Combine(volume.Directory, "password.hash");

    /// <summary>The environment of all Postgres programs; they need nothing of the app host's.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string>
    {
        ["PATH"] = System.Environment.GetEnvironmentVariable("PATH") ?? "",
        ["LC_ALL"] = Locale,
        ["TZ"] = "UTC",
    };

    private static string Locale => OperatingSystem.IsLinux() ? "C.UTF-8" : "C";

    /// <summary>The same start, as the user that the data belong to.</summary>
    public ProcessSpec As(ProcessSpec spec) => user?.Apply(spec) ?? spec;

    /// <summary>Makes the data directory with its administrator; passwords are asked for on every connection, as in the container.</summary>
    public async Task CreateAsync(PostgresAccount account, CancellationToken cancellationToken)
    {
        // Made beside its place and moved there at the end: an interrupted start leaves nothing that looks finished.
        var draft = Path.Combine(volume.Directory, "data.new");
        var passwordFile = Path.Combine(volume.Directory, "password.new");
        if (Directory.Exists(draft))
        {
            Directory.Delete(draft, recursive: true);
        }

        try
        {
            await WritePrivateAsync(passwordFile, account.Password, cancellationToken);
            user?.Own(volume.Directory);
            await RunAsync(
                programs.InitDb,
                [
                    "-D", draft, "-U", account.User, $"--pwfile={passwordFile}", "-A", "scram-sha-256", "-E", "UTF8",
                    $"--locale={Locale}", "--no-instructions", .. volume.IsKept ? (string[])[] : ["--no-sync"],
                ],
                input: null,
                cancellationToken);
        }
        finally
        {
            File.Delete(passwordFile);
        }

        Directory.Move(draft, Data);
        await WritePrivateAsync(Fingerprint, NewFingerprint(account.Password), cancellationToken);
    }

    /// <summary>
    /// Waits for a server that a killed app host has left on its way down, and removes a postmaster.pid whose process id now
    /// belongs to a stranger: Postgres would take that for a running server.
    /// </summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        if (await Volume.WaitUntilUnusedAsync(Data, time, cancellationToken))
        {
            File.Delete(Path.Combine(Data, "postmaster.pid"));
        }
    }

    /// <summary>
    /// Sets the administrator's password anew when it is not the one that the data were made with, as after the loss of the user
    /// secrets: the server runs alone, on standard input, for that.
    /// </summary>
    public async Task EnsurePasswordAsync(PostgresAccount account, CancellationToken cancellationToken)
    {
        if (File.Exists(Fingerprint) && Matches(await File.ReadAllTextAsync(Fingerprint, cancellationToken), account.Password))
        {
            return;
        }

        user?.Own(volume.Directory);
        var sql = $"ALTER ROLE \"{account.User.Replace("\"", "\"\"", StringComparison.Ordinal)}\" "
            + $"PASSWORD '{account.Password.Replace("'", "''", StringComparison.Ordinal)}';\n";
        await RunAsync(programs.Server, ["--single", "-D", Data, "postgres"], sql, cancellationToken);
        await WritePrivateAsync(Fingerprint, NewFingerprint(account.Password), cancellationToken);
    }

    private Task RunAsync(string program, IReadOnlyList<string> arguments, string? input, CancellationToken cancellationToken) =>
        HelperProgram.RunAsync(
            lifeline, As(new ProcessSpec(program, arguments, Environment, volume.Directory) { Input = input }), limit, time, cancellationToken);

    private static async Task WritePrivateAsync(string path, string text, CancellationToken cancellationToken)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        await using var file = new StreamWriter(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), options);
        await file.WriteAsync(text.AsMemory(), cancellationToken);
    }

    private static string NewFingerprint(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltBytes);
        return $"{Convert.ToHexString(salt)}:{Hash(password, salt)}";
    }

    private static bool Matches(string fingerprint, string password) =>
        fingerprint.Split(':') is [var salt, var hash] && hash == Hash(password, Convert.FromHexString(salt));

    private static string Hash(string password, byte[] salt) =>
        Convert.ToHexString(Rfc2898DeriveBytes.Pbkdf2(password, salt, HashRounds, HashAlgorithmName.SHA256, HashBytes));
}
