using System.Collections.Concurrent;
using System.Globalization;
using AgentPlatform.Contracts.Hosts;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Workspaces.Git;

/// <summary>
/// Mirrors of repositories, written by fetches only. A commit that was fetched and checked is kept by a ref that bears its name; nothing else in a mirror
/// is believed. Names of branches play no part.
/// </summary>
internal sealed partial class Mirrors(HostDirectories directories, IOptions<Wsl2HostOptions> options, TimeProvider time, ILogger<Mirrors> logger)
{
    private const int ExitMoved = 3;
    private const int ExitMissing = 4;
    private const int KeptRefsMax = 500;

    // Parameters: the address, the commit, its ref or nothing, the base commit or nothing, the largest file in blocks, whether to forget old refs.
    private const string FetchScript = """
        set -u
        url=$1 sha=$2 ref=$3 base=$4 blocks=$5 keep=$6
        cd /mirror || exit 1
        ulimit -f "$blocks"
        if [ ! -e HEAD ]; then git init -q --bare --template= --initial-branch=none . || exit 1; fi
        known=refs/agentplatform/known
        mkdir -p "$known"
        rm -f ./*.lock "$known"/*.lock refs/agentplatform/*.lock
        if [ "$keep" -gt 0 ]; then ls -t "$known" | tail -n "+$keep" | while read -r old; do rm -f "$known/$old"; done; fi
        set -- "+${ref:-$sha}:$known/$sha"
        if [ -n "$base" ] && [ "$base" != "$sha" ]; then set -- "$@" "+$base:$known/$base"; fi
        rm -f "$known/$sha"
        git fetch -q --no-tags --no-write-fetch-head --no-recurse-submodules --no-auto-gc --end-of-options "$url" "$@" || exit 2
        read -r found < "$known/$sha" || exit 4
        if [ "$found" != "$sha" ]; then rm -f "$known/$sha"; echo "$found"; exit 3; fi
        git cat-file -e "$sha^{commit}" || { rm -f "$known/$sha"; exit 4; }
        """;

    private readonly ConcurrentDictionary<string, SemaphoreSlim> _gates = [];

    /// <summary>Where they are.</summary>
    public string Root => directories.Mirrors;

    /// <summary>The object store of a mirror.</summary>
    public string Objects(Repository repository) => Path.Combine(PathOf(repository), "objects");

    /// <summary>Whether a commit was fetched before.</summary>
    public bool Has(Repository repository, string sha)
    {
        var known = Path.Combine(PathOf(repository), "refs", "agentplatform", "known", sha);
        try
        {
            return File.Exists(known) && File.ReadAllText(known).Trim() == sha;
        }
        catch (IOException)
        {
            // It is being written.
            return false;
        }
    }

    /// <summary>Gets a commit, and the one it is compared with, into the mirror.</summary>
    /// <returns>Whether the forge had to be asked.</returns>
    public async Task<bool> FetchAsync(GitRunner git, Repository repository, PrepareWorkspaceRequest request, CancellationToken cancellationToken)
    {
        var gate = _gates.GetOrAdd(repository.Key, static _ => new SemaphoreSlim(1, 1));
        await gate.WaitAsync(cancellationToken);
        try
        {
            var hasBase = request.BaseSha is null || Has(repository, request.BaseSha);
            Touch(repository);
            if (Has(repository, request.Sha) && hasBase)
            {
                return false;
            }

            await FetchOnceAsync(git, repository, request, hasBase ? "" : request.BaseSha!, cancellationToken);
            return true;
        }
        finally
        {
            gate.Release();
        }
    }

    /// <summary>Removes mirrors beyond the number that is kept, those used longest ago first.</summary>
    /// <param name="inUse">The keys of mirrors that checkouts borrow from.</param>
    public void Evict(IReadOnlySet<string> inUse)
    {
        var mirrors = new DirectoryInfo(directories.Mirrors).EnumerateDirectories().OrderByDescending(mirror => mirror.LastWriteTimeUtc).ToList();
        foreach (var mirror in mirrors.Skip(options.Value.MirrorsMax).Where(mirror => !inUse.Contains(mirror.Name)))
        {
            LogEvicted(mirror.Name);
            mirror.Delete(recursive: true);
        }
    }

    private async Task FetchOnceAsync(GitRunner git, Repository repository, PrepareWorkspaceRequest request, string baseSha, CancellationToken cancellationToken)
    {
        var path = PathOf(repository);
        if (!Directory.Exists(path))
        {
            HostDirectories.Make(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
            Libc.Check(Libc.ChangeOwner(path, git.User, git.User), $"giving away {path}");
        }

        var refs = Path.Combine(path, "refs", "agentplatform", "known");
        var tooMany = Directory.Exists(refs) && Directory.EnumerateFiles(refs).Count() > 2 * KeptRefsMax;
        var result = await git.RunAsync(
            "fetch",
            FetchScript,
            [
                repository.Url.AbsoluteUri,
                request.Sha,
                request.Ref ?? "",
                baseSha,
                (options.Value.RepositoryBytesMax / 512).ToString(CultureInfo.InvariantCulture),
                (tooMany ? KeptRefsMax : 0).ToString(CultureInfo.InvariantCulture),
            ],
            [new ToolBind(path, "/mirror", ReadOnly: false)],
            repository.Url,
            request.Token,
            options.Value.GitTimeout,
            cancellationToken);
        if (result.ExitCode != 0)
        {
            throw Refusal(repository, request, result);
        }
    }

    private HostRefusal Refusal(Repository repository, PrepareWorkspaceRequest request, ToolResult result)
    {
        // What git says may hold what the forge said, so it goes to the log shortened and without the token, and not to the caller.
        var said = Redact(result.Error, request.Token);
        LogFailed(repository.Key, result.ExitCode, said);
        return (result.ExitCode, said) switch
        {
            (ExitMoved, _) => new HostRefusal(StatusCodes.Status409Conflict, HostProblemCodes.HeadMoved, "The ref points at another commit by now.")
            {
                Extension = ("found", result.Output.Trim()),
            },
            (ExitMissing, _) => Unprocessable(HostProblemCodes.CommitNotFound, "The commit is not in the repository."),
            (null, _) => Failed("The fetch took too long."),
            (_, var text) when Any(text, "not our ref", "unadvertised object", "couldn't find remote ref", "no such remote ref", "not a valid object") =>
                Unprocessable(HostProblemCodes.CommitNotFound, "The commit or ref is not in the repository."),
            (_, var text) when Any(text, "authentication failed", "could not read username", "error: 401", "error: 403", "repository not found", "' not found", "error: 404") =>
                Unprocessable(HostProblemCodes.FetchRefused, "The forge does not know the repository, or refuses the token."),
            (_, var text) when Any(text, "file size limit", "file too large", "sigxfsz") =>
                new HostRefusal(StatusCodes.Status507InsufficientStorage, HostProblemCodes.RepositoryTooLarge, "The repository is larger than this host allows."),
            _ => Failed("The forge could not be reached or gave no usable answer."),
        };
    }

    private static string Redact(string text, SecretText? token)
    {
        var kept = text.Length > 1000 ? text[..1000] : text;
        return token is { Value.Length: > 0 } secret ? kept.Replace(secret.Value, "***", StringComparison.Ordinal) : kept;
    }

    private static bool Any(string text, params ReadOnlySpan<string> signs)
    {
        foreach (var sign in signs)
        {
            if (text.Contains(sign, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static HostRefusal Unprocessable(string code, string message) => new(StatusCodes.Status422UnprocessableEntity, code, message);

    private static HostRefusal Failed(string message) => new(StatusCodes.Status502BadGateway, HostProblemCodes.FetchFailed, message);

    private string PathOf(Repository repository) => Path.Combine(directories.Mirrors, repository.Key);

    private void Touch(Repository repository)
    {
        if (Directory.Exists(PathOf(repository)))
        {
            Directory.SetLastWriteTimeUtc(PathOf(repository), time.GetUtcNow().UtcDateTime);
        }
    }

    [LoggerMessage(3601, LogLevel.Warning, "Fetching into {Mirror} ended with {ExitCode}: {Said}")]
    private partial void LogFailed(string mirror, int? exitCode, string said);

    [LoggerMessage(3602, LogLevel.Information, "Mirror {Mirror} was removed to make room")]
    private partial void LogEvicted(string mirror);
}
