using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Processes;
using Aspire.Hosting.Running.Programs;

namespace Aspire.Hosting.Running.Volumes;

/// <summary>
/// The directory in which a server keeps its data: named and kept, or temporary and removed. One app host at a time holds it.
/// </summary>
internal sealed class Volume : IDisposable
{
    private static readonly TimeSpan OthersEndMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(100);

    private readonly FileStream? _lock;

    private Volume(string directory, bool isKept, FileStream? @lock)
    {
        Directory = directory;
        IsKept = isKept;
        _lock = @lock;
    }

    /// <summary>The directory, which exists.</summary>
    public string Directory { get; }

    /// <summary>Whether it outlives the run, and so has to be written with care.</summary>
    public bool IsKept { get; }

    /// <summary>Opens the volume or bind mount of a resource; a temporary directory where it has none, and in tests.</summary>
    /// <exception cref="DistributedApplicationException">Another app host uses it; the message names that process.</exception>
    public static Volume Open(ProgramStart start)
    {
        var mount = start.Resource.Annotations.OfType<ContainerMountAnnotation>().FirstOrDefault(mount => mount.Source is not null);
        if (mount is null || start.Run.IsTemporary)
        {
            var temporary = start.Run.Lifeline.CreateTemporaryDirectory($"aspire-{start.Resource.Name}-");
            return new Volume(Posix.RealPath(temporary), isKept: false, @lock: null);
        }

        var directory = mount.Type == ContainerMountType.BindMount ? mount.Source! : Path.Combine(start.Run.VolumesDirectory, mount.Source!);
        System.IO.Directory.CreateDirectory(directory);

        // Processes are found by their working directory, which the system knows without symbolic links.
        directory = Posix.RealPath(directory);
        return new Volume(directory, isKept: true, Lock(directory, start.Resource.Name));
    }

    /// <summary>
    /// Waits until no process works in a directory of the volume any more: after a hard end of the last app host, its servers may
    /// still be on their way down.
    /// </summary>
    /// <returns>Whether that is certain; it cannot be found out except on Linux.</returns>
    /// <exception cref="DistributedApplicationException">One goes on working there; the message names it.</exception>
    public static async Task<bool> WaitUntilUnusedAsync(string directory, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!OperatingSystem.IsLinux())
        {
            return false;
        }

        var started = time.GetTimestamp();
        while (FindUser(directory) is { } user)
        {
            if (time.GetElapsedTime(started) > OthersEndMax)
            {
                throw new DistributedApplicationException(
                    $"Directory '{directory}' is in use by process {user}, which does not belong to this app host.");
            }

            await Task.Delay(PollInterval, time, cancellationToken);
        }

        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => _lock?.Dispose();

    private static FileStream Lock(string directory, string resourceName)
    {
        // The lock ends with the process, however that ends; the file beside it only tells others who holds it.
        var owner = Path.Combine(directory, "owner");
        try
        {
            var held = new FileStream(Path.Combine(directory, "owner.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            File.WriteAllText(owner, $"{Environment.ProcessId} ({AppDomain.CurrentDomain.FriendlyName})");
            return held;
        }
        catch (IOException ex)
        {
            var holder = File.Exists(owner) ? File.ReadAllText(owner) : "unknown";
            throw new DistributedApplicationException(
                $"The data of resource '{resourceName}' in '{directory}' are in use by another app host, process {holder}. Stop it first.",
                ex);
        }
    }

    private static string? FindUser(string directory)
    {
        foreach (var process in System.IO.Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            try
            {
                if (new FileInfo(Path.Combine(process, "cwd")).LinkTarget == directory)
                {
                    return $"{Path.GetFileName(process)} ({File.ReadAllText(Path.Combine(process, "comm")).Trim()})";
                }
            }
            catch (Exception ex) when (ex is IOException or UnauthorizedAccessException)
            {
                // Another user's process, or one that has just ended.
            }
        }

        return null;
    }
}
