using AgentPlatform.Emulators.Hosting;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.State;

/// <summary>
/// Everything the emulated GitHub knows, in memory. Whoever reads or changes it holds <see cref="Gate"/>; git is asked
/// before or after, never inside.
/// </summary>
internal sealed class GitHubState(IOptions<GitHubOptions> options, StateDirectory files, TimeProvider time) : IDisposable
{
    private readonly Dictionary<string, Account> _accounts = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<long, Repository> _repositories = [];

    // Above 32 bits, as GitHub's own ids of check runs and comments are: a client that narrows them is found out here.
    private long _lastId = 41_000_000_000;
    private long _lastInstallationId = 52_000_000;

    public Lock Gate { get; } = new();

    public List<Installation> Installations { get; } = [];

    public IEnumerable<Repository> Repositories => _repositories.Values;

    public DateTimeOffset CreatedAt { get; } = time.GetUtcNow();

    /// <summary>The App's own account, which writes its comments.</summary>
    public Account Bot => Account($"{options.Value.AppSlug}[bot]", AccountType.Bot);

    public long NextId() => Interlocked.Increment(ref _lastId);

    /// <summary>The account of this login, made when there is none.</summary>
    public Account Account(string login, AccountType type = AccountType.User)
    {
        lock (Gate)
        {
            if (!_accounts.TryGetValue(login, out var account))
            {
                _accounts[login] = account = new Account(100_000 + _accounts.Count, login, type);
            }

            return account;
        }
    }

    public Account? FindAccount(string login)
    {
        lock (Gate)
        {
            return _accounts.GetValueOrDefault(login);
        }
    }

    public Repository? FindRepository(string owner, string name)
    {
        lock (Gate)
        {
            return _repositories.Values.FirstOrDefault(repository =>
                string.Equals(repository.Owner.Login, owner, StringComparison.OrdinalIgnoreCase) &&
                string.Equals(repository.Name, name, StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>The repository that had this name before it was renamed.</summary>
    public Repository? FindMoved(string owner, string name)
    {
        lock (Gate)
        {
            return _repositories.Values.FirstOrDefault(repository =>
                string.Equals(repository.Owner.Login, owner, StringComparison.OrdinalIgnoreCase) && repository.FormerNames.Contains(name));
        }
    }

    public Repository? FindRepository(long id)
    {
        lock (Gate)
        {
            return _repositories.GetValueOrDefault(id);
        }
    }

    public Repository AddRepository(Account owner, string name, string defaultBranch, bool isPrivate, string? description,
        Repository? parent)
    {
        lock (Gate)
        {
            var (id, now) = (NextId(), time.GetUtcNow());
            return _repositories[id] = new Repository
            {
                Id = id,
                Owner = owner,
                Name = name,
                Directory = files.Make($"{id}.git"),
                DefaultBranch = defaultBranch,
                Private = isPrivate,
                Description = description,
                Parent = parent,
                CreatedAt = now,
                PushedAt = now,
            };
        }
    }

    /// <summary>Takes a repository away. Its directory stays until the process ends, because a git program may still read it.</summary>
    public void RemoveRepository(Repository repository)
    {
        lock (Gate)
        {
            _repositories.Remove(repository.Id);
            foreach (var pull in _repositories.Values.SelectMany(other => other.Pulls).Where(pull => pull.HeadRepository == repository))
            {
                pull.HeadRepository = null;
            }
        }
    }

    /// <summary>The installation that reaches a repository.</summary>
    public Installation? InstallationFor(Repository repository)
    {
        lock (Gate)
        {
            return Installations.Find(installation => installation.SuspendedAt is null && installation.Reaches(repository));
        }
    }

    public Installation? FindInstallation(long id)
    {
        lock (Gate)
        {
            return Installations.Find(installation => installation.Id == id);
        }
    }

    public Installation AddInstallation(Account account, IEnumerable<long>? repositoryIds)
    {
        lock (Gate)
        {
            var installation = new Installation
            {
                Id = ++_lastInstallationId,
                Account = account,
                CreatedAt = time.GetUtcNow(),
                RepositoryIds = repositoryIds?.ToHashSet(),
                Permissions = new Dictionary<string, string>(options.Value.Permissions, StringComparer.Ordinal),
            };
            Installations.Add(installation);
            return installation;
        }
    }

    public void Dispose()
    {
        foreach (var repository in _repositories.Values)
        {
            repository.Dispose();
        }
    }
}
