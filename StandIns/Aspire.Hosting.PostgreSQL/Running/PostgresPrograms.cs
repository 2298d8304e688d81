using System.Globalization;
using Aspire.Hosting.Running.Processes;

namespace Aspire.Hosting.PostgreSQL.Running;

/// <summary>The server programs of one version of Postgres.</summary>
/// <param name="Directory">The directory that holds them.</param>
internal sealed record PostgresPrograms(string Directory)
{
    /// <summary>The server.</summary>
    public string Server => Path.Combine(Directory, OperatingSystem.IsWindows() ? "postgres.exe" : "postgres");

    /// <summary>Makes a data directory.</summary>
    public string InitDb => Path.Combine(Directory, OperatingSystem.IsWindows() ? "initdb.exe" : "initdb");

    /// <summary>
    /// The programs of the wanted major version, else of the newest one: where packages of Debian, Fedora, Homebrew and Windows
    /// put them, then PATH.
    /// </summary>
    /// <param name="major">Version that an existing data directory was made by.</param>
    /// <exception cref="DistributedApplicationException">There are none; the message names the package to install.</exception>
    public static PostgresPrograms Find(string? major)
    {
        var installed = Candidates().Where(programs => File.Exists(programs.Server) && File.Exists(programs.InitDb)).ToList();
        if (installed.Count == 0)
        {
            throw new DistributedApplicationException(
                "PostgreSQL's server programs (postgres, initdb) were not found on this machine. Install them: "
                + "apt-get install postgresql (Debian, Ubuntu), dnf install postgresql-server (Fedora), brew install postgresql@17 (macOS).");
        }

        // Where none is of that version, the server itself says best what does not fit.
        return installed.Find(programs => major is not null && programs.IsVersion(major)) ?? installed[0];
    }

    private static IEnumerable<PostgresPrograms> Candidates()
    {
        IEnumerable<string> versioned =
        [
            .. Versions("/usr/lib/postgresql", "bin"), .. Versions("/usr/pgsql-", "bin"), .. Versions("/opt/homebrew/opt/postgresql@", "bin"),
            .. Versions("/usr/local/opt/postgresql@", "bin"), .. Versions(@"C:\Program Files\PostgreSQL", "bin"),
        ];
        return versioned.Append(Path.GetDirectoryName(ProgramFinder.Find("postgres")))
            .OfType<string>()
            .Select(directory => new PostgresPrograms(directory));
    }

    /// <summary>The directories <c>{place}/{number}/bin</c> or <c>{place}{number}/bin</c>, highest number first.</summary>
    private static IEnumerable<string> Versions(string place, string bin)
    {
        var parent = System.IO.Directory.Exists(place) ? place : Path.GetDirectoryName(place);
        var prefix = parent == place ? "" : Path.GetFileName(place);
        if (parent is null || !System.IO.Directory.Exists(parent))
        {
            return [];
        }

        return System.IO.Directory.EnumerateDirectories(parent, prefix + "*")
            .Select(path => (path, number: Number(Path.GetFileName(path)[prefix.Length..])))
            .Where(version => version.number > 0)
            .OrderByDescending(version => version.number)
            .Select(version => Path.Combine(version.path, bin));
    }

    private static double Number(string text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>Whether the path says that these are the programs of a version.</summary>
    private bool IsVersion(string major) => Directory.Split('/', '\\', '-', '@').Contains(major);
}
