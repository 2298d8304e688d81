using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using AgentPlatform.Contracts.Hosts;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Workspaces.Git;

/// <summary>
/// Checkouts, shared by all instances that work on the same commit: an instance's changes go to a layer of its own. Each is made in a directory aside and put
/// in place when it is whole.
/// </summary>
internal sealed partial class Checkouts(HostDirectories directories, Mirrors mirrors, IOptions<Wsl2HostOptions> options, TimeProvider time, ILogger<Checkouts> logger)
{
    /// <summary>Raised with every change to what a checkout holds.</summary>
    private const int LayoutVersion = 1;

    private const string StagingPrefix = ".making-";
    private const string RemovedPrefix = ".removed-";

    private readonly ConcurrentDictionary<string, Lazy<Task>> _making = [];

    /// <summary>The name of a checkout: what it depends on, and nothing else.</summary>
    public static string KeyOf(Repository repository, PrepareWorkspaceRequest request) => repository.Key + "-" + Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{LayoutVersion} {request.Sha} {request.BaseSha} {request.RestoreAgentConfiguration}")))[..24];

    /// <summary>The mirror that a checkout borrows from.</summary>
    public static string MirrorOf(string key) => key[..key.LastIndexOf('-')];

    /// <summary>The checked out files.</summary>
    public string Tree(string key) => Path.Combine(directories.Checkouts, key, "tree");

    /// <summary>Whether a checkout is there.</summary>
    public bool Has(string key) => Directory.Exists(Tree(key));

    /// <summary>Makes a checkout, or finds it.</summary>
    /// <returns>Whether it had to be made.</returns>
    public async Task<bool> EnsureAsync(GitRunner git, Repository repository, PrepareWorkspaceRequest request, CancellationToken cancellationToken)
    {
        var key = KeyOf(repository, request);
        if (Has(key))
        {
            Directory.SetLastWriteTimeUtc(Path.Combine(directories.Checkouts, key), time.GetUtcNow().UtcDateTime);
            return false;
        }

        // Several instances may want the same one at the same time; whoever asked first may go away.
        var made = _making.GetOrAdd(key, _ => new Lazy<Task>(() => MakeAsync(git, repository, request, key)));
        try
        {
            await made.Value.WaitAsync(cancellationToken);
        }
        finally
        {
            if (made.Value.IsCompleted)
            {
                _making.TryRemove(KeyValuePair.Create(key, made));
            }
        }

        return true;
    }

    /// <summary>What was noted when a checkout was made.</summary>
    public CheckoutNotes Notes(string key) => CheckoutNotes.Read(Path.Combine(directories.Checkouts, key, "meta"));

    /// <summary>Removes checkouts beyond what is kept, those used longest ago first, and what was left half made.</summary>
    /// <param name="inUse">The keys of checkouts under instances.</param>
    /// <returns>The mirrors that the rest borrow from.</returns>
    public IReadOnlySet<string> Evict(IReadOnlySet<string> inUse)
    {
        var all = new DirectoryInfo(directories.Checkouts).EnumerateDirectories().OrderByDescending(checkout => checkout.LastWriteTimeUtc).ToList();
        HashSet<string> mirrorsInUse = new(StringComparer.Ordinal);
        var (count, bytes) = (0, 0L);
        foreach (var checkout in all)
        {
            if (checkout.Name[0] == '.')
            {
                if (time.GetUtcNow() - checkout.LastWriteTimeUtc > options.Value.GitTimeout * 2)
                {
                    checkout.Delete(recursive: true);
                }

                continue;
            }

            bytes += CheckoutNotes.ReadBytes(Path.Combine(checkout.FullName, "meta"));
            if (!inUse.Contains(checkout.Name) && (++count > options.Value.CheckoutsMax || bytes > options.Value.CheckoutsBytesMax))
            {
                LogEvicted(checkout.Name);
                Remove(checkout);
            }
            else
            {
                mirrorsInUse.Add(MirrorOf(checkout.Name));
            }
        }

        return mirrorsInUse;
    }

    private async Task MakeAsync(GitRunner git, Repository repository, PrepareWorkspaceRequest request, string key)
    {
        var staging = Path.Combine(directories.Checkouts, $"{StagingPrefix}{Guid.NewGuid():N}");
        HostDirectories.Make(staging, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        try
        {
            Libc.Check(Libc.ChangeOwner(staging, git.User, git.User), $"giving away {staging}");
            var result = await git.RunAsync(
                "checkout",
                CheckoutScript.Text,
                [
                    request.Sha,
                    request.BaseSha ?? "",
                    request.RestoreAgentConfiguration && request.BaseSha is not null ? "restore" : "keep",
                    options.Value.RepositoryBytesMax.ToString(CultureInfo.InvariantCulture),
                    options.Value.RepositoryFilesMax.ToString(CultureInfo.InvariantCulture),
                    (HostLimits.DiffBytesMax + 1).ToString(CultureInfo.InvariantCulture),
                    .. CheckoutScript.AgentConfiguration,
                ],
                [new ToolBind(mirrors.Objects(repository), CheckoutMount.ObjectsPath, ReadOnly: true), new ToolBind(staging, "/checkout", ReadOnly: false)],
                remote: null,
                token: null,
                options.Value.GitTimeout,
                CancellationToken.None);
            Check(key, result);
            Directory.Move(staging, Path.Combine(directories.Checkouts, key));
        }
        finally
        {
            if (Directory.Exists(staging))
            {
                Directory.Delete(staging, recursive: true);
            }
        }
    }

    private void Check(string key, ToolResult result)
    {
        if (result.ExitCode == 0)
        {
            return;
        }

        LogFailed(key, result.ExitCode, result.Error.Length > 1000 ? result.Error[..1000] : result.Error);
        throw result.ExitCode == CheckoutScript.ExitTooLarge
            ? new HostRefusal(StatusCodes.Status507InsufficientStorage, HostProblemCodes.RepositoryTooLarge, "The checkout is larger than this host allows.")
            : HostRefusal.StartFailed("The commit could not be checked out.");
    }

    private void Remove(DirectoryInfo checkout)
    {
        // Out of sight first, so that nobody finds a half of it.
        var aside = Path.Combine(directories.Checkouts, $"{RemovedPrefix}{Guid.NewGuid():N}");
        checkout.MoveTo(aside);
        Directory.Delete(aside, recursive: true);
    }

    [LoggerMessage(3611, LogLevel.Warning, "Making checkout {Checkout} ended with {ExitCode}: {Said}")]
    private partial void LogFailed(string checkout, int? exitCode, string said);

    [LoggerMessage(3612, LogLevel.Information, "Checkout {Checkout} was removed to make room")]
    private partial void LogEvicted(string checkout);
}
