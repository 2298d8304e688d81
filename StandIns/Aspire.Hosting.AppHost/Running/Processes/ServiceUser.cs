using System.Globalization;

namespace Aspire.Hosting.Running.Processes;

/// <summary>The unprivileged user as whom a server runs that refuses to run as root.</summary>
/// <param name="Name">Name of the user.</param>
/// <param name="UserId">Its number.</param>
/// <param name="GroupId">Number of its group.</param>
internal sealed record ServiceUser(string Name, uint UserId, uint GroupId)
{
    /// <summary>The first of the named users that this machine has.</summary>
    /// <exception cref="DistributedApplicationException">It has none of them.</exception>
    public static ServiceUser Find(params ReadOnlySpan<string> names)
    {
        // name:password:uid:gid:…
        var users = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3).ToList();
        foreach (var name in names)
        {
            if (users.Find(fields => fields[0] == name) is { } found)
            {
                return new ServiceUser(name, Number(found[2]), Number(found[3]));
            }
        }

        throw new DistributedApplicationException(
            $"There is no user '{string.Join("' or '", names.ToArray())}' to run as; root itself must not be used.");
    }

    /// <summary>The same start, as this user; the process id stays that of the program itself.</summary>
    /// <exception cref="DistributedApplicationException">There is no program that could change the user.</exception>
    public ProcessSpec Apply(ProcessSpec spec)
    {
        if (ProgramFinder.Find("setpriv", null, "/usr/bin", "/bin") is { } setpriv)
        {
            return spec with
            {
                FileName = setpriv,
                Arguments =
                [
                    Invariant($"--reuid={UserId}"), Invariant($"--regid={GroupId}"), "--clear-groups", "--", spec.FileName, .. spec.Arguments,
                ],
            };
        }

        if (ProgramFinder.Find("runuser", null, "/usr/sbin", "/sbin") is { } runuser)
        {
            return spec with { FileName = runuser, Arguments = ["-u", Name, "--", spec.FileName, .. spec.Arguments] };
        }

        throw new DistributedApplicationException(
            $"Neither 'setpriv' nor 'runuser' was found, one of which runs '{spec.FileName}' as user '{Name}'.");
    }

    /// <summary>Gives a directory, and everything in it, to this user.</summary>
    /// <exception cref="DistributedApplicationException">The system refuses.</exception>
    public void Own(string directory)
    {
        var everything = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None };
        foreach (var path in Directory.EnumerateFileSystemEntries(directory, "*", everything).Prepend(directory))
        {
            if (Posix.ChangeOwner(path, UserId, GroupId) != 0 && File.Exists(path))
            {
                throw new DistributedApplicationException($"'{path}' could not be given to user '{Name}'.");
            }
        }
    }

    private static uint Number(string text) => uint.Parse(text, CultureInfo.InvariantCulture);

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
