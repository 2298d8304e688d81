using System.Globalization;

namespace Aspire.Hosting.Running.Network;

/// <summary>The process that listens on a port.</summary>
/// <param name="ProcessId">Its id.</param>
/// <param name="ProcessName">Its short name.</param>
internal sealed record PortOwner(int ProcessId, string ProcessName)
{
    /// <summary>Who listens on a TCP port of this machine; null where that cannot be found out (another user's process, not Linux).</summary>
    public static PortOwner? Find(int port)
    {
        try
        {
            var sockets = ListeningSockets("/proc/net/tcp", port).Concat(ListeningSockets("/proc/net/tcp6", port)).ToHashSet();
            return sockets.Count == 0 ? null : FindHolder(sockets);
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>One sentence for a person who has to free the port.</summary>
    public static string Describe(int port) => Find(port) is { } owner
        ? string.Create(CultureInfo.InvariantCulture, $"Port {port} is already in use by process {owner.ProcessId} ({owner.ProcessName}).")
        : string.Create(CultureInfo.InvariantCulture, $"Port {port} is already in use by another process.");

    /// <summary>The link texts (<c>socket:[inode]</c>) of the sockets that listen on the port, from a table of /proc/net.</summary>
    private static IEnumerable<string> ListeningSockets(string table, int port)
    {
        const string Listening = "0A";
        if (!File.Exists(table))
        {
            yield break;
        }

        // Columns: slot, local address:port in hex, remote address, state, …, and the inode as the tenth.
        var suffix = ":" + port.ToString("X4", CultureInfo.InvariantCulture);
        foreach (var line in File.ReadLines(table).Skip(1))
        {
            var columns = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (columns.Length > 9 && columns[3] == Listening && columns[1].EndsWith(suffix, StringComparison.Ordinal))
            {
                yield return $"socket:[{columns[9]}]";
            }
        }
    }

    private static PortOwner? FindHolder(HashSet<string> sockets)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory), CultureInfo.InvariantCulture, out var id) && Holds(directory, sockets))
            {
                return new PortOwner(id, File.ReadAllText(Path.Combine(directory, "comm")).Trim());
            }
        }

        return null;
    }

    private static bool Holds(string process, HashSet<string> sockets)
    {
        try
        {
            return Directory.EnumerateFiles(Path.Combine(process, "fd")).Any(file => sockets.Contains(new FileInfo(file).LinkTarget ?? ""));
        }
        catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
        {
            // Another user's process, or one that has just ended.
            return false;
        }
    }
}
