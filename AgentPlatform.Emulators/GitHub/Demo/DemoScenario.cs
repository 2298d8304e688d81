using System.Reflection;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.Pulls;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Demo;

/// <summary>A pull request of the demo, and where its bug is.</summary>
internal sealed record DemoPull(
    string Repository, long RepositoryId, int Number, long PullRequestId, string HeadSha, string HtmlUrl, string ApiUrl, string File,
    int Line);

/// <summary>
/// A small repository whose build and tests need nothing but a shell, and a change to it with a bug that its tests do not find:
/// an average divides by the number of values, of which there may be none.
/// </summary>
internal sealed class DemoScenario(GitHubState state, RepositoryFactory factory, PushService pushes, PullService pulls, Urls urls,
    GitStore git, TimeProvider time) : IDisposable
{
    private const string Owner = "octo-demo";
    private const string Name = "statistics";
    private const string Author = "ada";
    private const string BuggyFile = "src/stats.sh";
    private const string BuggyCode = "total / count";

    private readonly SemaphoreSlim _gate = new(1, 1);
    private int _opened;

    /// <summary>Opens the next pull request of the demo; the first call makes the repository as well.</summary>
    public async Task<DemoPull> OpenAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            var repository = state.FindRepository(Owner, Name) ?? await CreateAsync(cancellationToken);
            var (author, branch, files) = (state.Account(Author), $"average-{++_opened}", Read("change"));
            var tip = await git.ResolveAsync(repository.Directory, $"refs/heads/{repository.DefaultBranch}", cancellationToken);
            var change = new GitChange(branch, "Add the average\n", new GitPerson(author.Login, author.Email, time.GetUtcNow()), tip,
                files);
            await pushes.CommitAsync(repository, change, author, cancellationToken);
            var pull = await pulls.OpenAsync(
                repository, repository, branch, repository.DefaultBranch, "Add the average",
                "The report needs the average of the measurements beside their sum.", author, draft: false, cancellationToken)
                ?? throw new GitException("The demo's branches have no common commit.");
            return new DemoPull(
                repository.FullName, repository.Id, pull.Number, pull.Id, pull.Change.HeadSha, urls.Html(pull), urls.Api(pull), BuggyFile,
                LineOf(files));
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose() => _gate.Dispose();

    private async Task<Repository> CreateAsync(CancellationToken cancellationToken)
    {
        var (repository, _) = await factory.CreateAsync(
            state.Account(Owner, AccountType.Organization), Name, "main", isPrivate: true, "Statistics of whole numbers, in POSIX shell",
            installed: true, Read("base"), cancellationToken);
        repository.Collaborators[Author] = "write";
        return repository;
    }

    private static int LineOf(IReadOnlyList<GitFile> files)
    {
        var text = System.Text.Encoding.UTF8.GetString(files.Single(file => file.Path == BuggyFile).Content!);
        return text.Split('\n').Index().Single(line => line.Item.Contains(BuggyCode, StringComparison.Ordinal)).Index + 1;
    }

    /// <summary>The files of one of the two directories beside this one, which the build puts into the assembly.</summary>
    private static IReadOnlyList<GitFile> Read(string directory)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"demo/{directory}/";
        return [.. assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal).Select(name =>
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var content = new MemoryStream();
            stream.CopyTo(content);
            return new GitFile(name[prefix.Length..], content.ToArray(), name.EndsWith(".sh", StringComparison.Ordinal) ? "100755"
                : "100644");
        })];
    }
}

/// <summary>The demo's one endpoint.</summary>
internal static class DemoEndpoint
{
    public static RouteGroupBuilder MapDemo(this RouteGroupBuilder control)
    {
        control.MapPost("demo", (DemoScenario demo, CancellationToken cancellationToken) => demo.OpenAsync(cancellationToken));
        return control;
    }
}
