using System.Globalization;

namespace Aspire.Hosting.Running.Processes;

/// <summary>Looks at process groups in Linux's /proc.</summary>
internal static class ProcessGroup
{
    /// <summary>
    /// Whether a member of the group is more than a zombie: whoever should collect the dead may be slow, or (in a container
    /// without an init) not there at all. Elsewhere than on Linux the answer is yes.
    /// </summary>
    public static bool HasLivingMember(int groupId) =>
        !OperatingSystem.IsLinux() || Directory.EnumerateDirectories("/proc").Any(directory => IsLivingMember(directory, groupId));

    private static bool IsLivingMember(string directory, int groupId)
    {
        if (!char.IsAsciiDigit(Path.GetFileName(directory)[0]))
        {
            return false;
        }

        try
        {
            // "pid (name) state parent group …": the name may hold anything, so read from behind it.
            var stat = File.ReadAllText(Path.Combine(directory, "stat"));
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ', 4);
            return fields[0] is not ("Z" or "X") && fields[2] == groupId.ToString(CultureInfo.InvariantCulture);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // It ended while it was looked at.
            return false;
        }
    }
}
