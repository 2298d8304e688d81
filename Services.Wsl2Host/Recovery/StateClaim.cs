using System.Globalization;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Recovery;

/// <summary>
/// This host's hold on its state directory: one host at a time uses one. Where hosts belong to owners, such as the app hosts of a developer's machine,
/// each owner has a directory of its own, and a host that is started again finds that of its owner. All locks lie in the first directory, which is
/// never removed, so that nobody can hold the lock of a directory that is being made anew.
/// </summary>
internal sealed class StateClaim : IDisposable
{
    /// <summary>Owners on one machine at the same time.</summary>
    public const int DirectoriesMax = 16;

    /// <summary>What an earlier process left behind may take a moment to end.</summary>
    private static readonly TimeSpan LockTimeout = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(50);

    private readonly IDisposable _lock;
    private readonly Wsl2HostOptions _options;
    private readonly Lifeline? _lifeline;

    private StateClaim(IDisposable held, Wsl2HostOptions options, Lifeline? lifeline, bool kept) =>
        (_lock, _options, _lifeline, Kept) = (held, options, lifeline, kept);

    /// <summary>Whether what an earlier process left is to go on.</summary>
    public bool Kept { get; }

    /// <summary>Whether everything is to end with this process now.</summary>
    public bool EndsNow => _options.Lifeline && !(HasOwner(_options) && FileLock.IsTaken(_options.LifelineFile));

    /// <summary>Takes a state directory, the first that is free.</summary>
    /// <param name="directories">Told which it is.</param>
    /// <param name="options">The host's settings.</param>
    /// <param name="time">The clock of waits.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="InvalidOperationException">There is none.</exception>
    public static async Task<StateClaim> TakeAsync(
        HostDirectories directories, Wsl2HostOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!HasLine(options))
        {
            HostDirectories.Make(directories.First, Passable);
            return new StateClaim(await LockAsync(directories, time, cancellationToken), options, lifeline: null, kept: !options.Lifeline);
        }

        if (!HasOwner(options))
        {
            HostDirectories.Make(directories.First, Passable);
            var held = await LockAsync(directories, time, cancellationToken);
            using var own = FileLock.TryTake(LinePath(directories.First, 1))
                ?? throw new InvalidOperationException($"Another host's lifeline holds {directories.First}.");
            return new StateClaim(held, options, Lifeline.Hold(directories, options, own, HostPath(directories.First, 1)), kept: false);
        }

        if (!FileLock.IsTaken(options.LifelineFile))
        {
            throw new InvalidOperationException($"{Wsl2HostOptions.Section}:LifelineFile names {options.LifelineFile}, which nobody keeps locked.");
        }

        HostDirectories.Make(directories.First, Passable);
        for (var number = 1; number <= DirectoriesMax; number++)
        {
            directories.Use(number);
            if (await TryNumberAsync(directories, options, time, cancellationToken) is { } claim)
            {
                await SweepAsync(number, options);
                return claim;
            }
        }

        throw new InvalidOperationException(
            $"{directories.First} and the {DirectoriesMax - 1} directories beside it are all in use by other app hosts. End some of them, or set {Wsl2HostOptions.Section}:StateDirectory.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The line of an owner stays until he goes, and does what is left to do; that of this process has nothing left to do.
        if (!HasOwner(_options))
        {
            _lifeline?.Release();
        }

        _lock.Dispose();
    }

    private static bool HasLine(Wsl2HostOptions options) => options.Lifeline && options.Driver == "linux" && OperatingSystem.IsLinux();

    private static bool HasOwner(Wsl2HostOptions options) => HasLine(options) && options.LifelineFile.Length > 0;

    private const UnixFileMode Passable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private static string HostPath(string first, int number) => Path.Combine(first, $"lock{Suffix(number)}");

    private static string LinePath(string first, int number) => Path.Combine(first, $"lifeline{Suffix(number)}");

    /// <summary>Names the owner's file.</summary>
    private static string OwnerPath(string first, int number) => Path.Combine(first, $"owner{Suffix(number)}");

    /// <summary>In a directory beside the first: says that it was made here and may be removed.</summary>
    private static string MarkPath(string state) => Path.Combine(state, "temporary");

    private static string Suffix(int number) => number == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $"-{number}");

    private static async Task<IDisposable> LockAsync(HostDirectories directories, TimeProvider time, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(HostPath(directories.First, 1), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException failure) when (time.GetElapsedTime(begun) > LockTimeout)
            {
                throw new InvalidOperationException(
                    $"Another host uses {directories.First}. Give this one a {Wsl2HostOptions.Section}:StateDirectory of its own.", failure);
            }
            catch (IOException)
            {
                await Task.Delay(LockPoll, time, cancellationToken);
            }
        }
    }

    /// <summary>Takes one of the directories; null if it is another owner's.</summary>
    private static async Task<StateClaim?> TryNumberAsync(
        HostDirectories directories, Wsl2HostOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        if (directories.Number > 1 && Directory.Exists(directories.State) && !File.Exists(MarkPath(directories.State)))
        {
            return null;
        }

        for (var begun = time.GetTimestamp(); ; await Task.Delay(LockPoll, time, cancellationToken))
        {
            if (TryClaim(directories, options) is { } claim)
            {
                return claim;
            }

            // A host of this owner that has not ended yet, or what an owner that is no more left behind: worth waiting for.
            var owner = ReadOwner(directories);
            if ((owner != options.LifelineFile && FileLock.IsTaken(owner)) || time.GetElapsedTime(begun) > LockTimeout)
            {
                return null;
            }
        }
    }

    private static StateClaim? TryClaim(HostDirectories directories, Wsl2HostOptions options)
    {
        var hostLock = FileLock.TryTake(HostPath(directories.First, directories.Number));
        if (hostLock is null)
        {
            return null;
        }

        var kept = ReadOwner(directories) == options.LifelineFile;
        using var own = FileLock.TryTake(LinePath(directories.First, directories.Number));
        if (own is null)
        {
            // The line of this owner goes on; another's still has something to end.
            if (kept)
            {
                return new StateClaim(hostLock, options, lifeline: null, kept: true);
            }

            hostLock.Dispose();
            return null;
        }

        File.WriteAllText(OwnerPath(directories.First, directories.Number), options.LifelineFile);
        if (directories.Number > 1)
        {
            HostDirectories.Make(directories.State, Passable);
            File.WriteAllText(MarkPath(directories.State), "");
        }

        return new StateClaim(hostLock, options, Lifeline.Hold(directories, options, own, HostPath(directories.First, directories.Number)), kept);
    }

    private static string ReadOwner(HostDirectories directories)
    {
        var path = OwnerPath(directories.First, directories.Number);
        return File.Exists(path) ? File.ReadAllText(path) : "";
    }

    /// <summary>Removes the directories beside the first that an owner left whose lifeline was killed too.</summary>
    private static async Task SweepAsync(int own, Wsl2HostOptions options)
    {
        for (var number = 2; number <= DirectoriesMax; number++)
        {
            var directories = new HostDirectories(options);
            directories.Use(number);
            if (number == own || !File.Exists(MarkPath(directories.State)))
            {
                continue;
            }

            using var hostLock = FileLock.TryTake(HostPath(directories.First, number));
            using var line = hostLock is null ? null : FileLock.TryTake(LinePath(directories.First, number));
            if (hostLock is not null && line is not null)
            {
                await Lifeline.EndAsync(directories, options, line, hostLock);
            }
        }
    }
}
