using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Git;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Checks;

/// <summary>The Checks API.</summary>
internal static class CheckEndpoints
{
    public static RouteGroupBuilder MapChecks(this RouteGroupBuilder repository)
    {
        repository.MapPost("check-runs", CreateAsync).Writes("checks");
        repository.MapGet("check-runs/{id:long}", Get).Reads("checks");
        repository.MapPatch("check-runs/{id:long}", Update).Writes("checks");
        repository.MapGet("check-runs/{id:long}/annotations", ListAnnotations).Reads("checks");
        repository.MapPost("check-runs/{id:long}/rerequest", Rerequest).Writes("checks");
        repository.MapGet("commits/{reference}/check-runs", ListForCommitAsync).Reads("checks");
        repository.MapGet("commits/{reference}/check-suites", ListSuitesAsync).Reads("checks");
        repository.MapGet("check-suites/{id:long}", GetSuiteAsync).Reads("checks");
        repository.MapGet("check-suites/{id:long}/check-runs", ListOfSuite).Reads("checks");
        return repository;
    }

    private static async Task<Answer> CreateAsync(GitHubCall call, CheckRunService checks, GitStore git, GitHubState state, Urls urls)
    {
        var (fields, refusal) = CheckRunFields.Read(call.Body, creating: true);
        if (fields is null)
        {
            return refusal!;
        }

        var sha = await git.ResolveAsync(call.Repository.Directory, fields.HeadSha!, call.Context.RequestAborted);
        if (sha is null || sha != fields.HeadSha)
        {
            return Answer.Error(422, $"No commit found for SHA: {fields.HeadSha}");
        }

        var run = checks.Create(call.Repository, fields);
        lock (state.Gate)
        {
            return Answer.Created(urls.CheckRun(call.Repository, run), $"{urls.Api(call.Repository)}/check-runs/{run.Id}");
        }
    }

    private static Answer Get(GitHubCall call, long id, GitHubState state, Urls urls) =>
        With(call, id, state, run => Answer.Ok(urls.CheckRun(call.Repository, run)));

    private static Answer Update(GitHubCall call, long id, CheckRunService checks, GitHubState state, Urls urls)
    {
        var (fields, refusal) = CheckRunFields.Read(call.Body, creating: false);
        return fields is null ? refusal! : With(call, id, state, run =>
        {
            checks.Update(run, fields);
            return Answer.Ok(urls.CheckRun(call.Repository, run));
        });
    }

    private static Answer ListAnnotations(GitHubCall call, long id, GitHubState state, Urls urls) =>
        With(call, id, state, run => call.Page(run.Annotations, annotation => urls.Annotation(call.Repository, run, annotation), urls));

    private static Answer Rerequest(GitHubCall call, long id, CheckRunService checks, GitHubState state) =>
        With(call, id, state, run =>
        {
            if (run.Status != "completed")
            {
                return Answer.Error(403, "This check run is not rerequestable");
            }

            checks.Rerequest(call.Repository, run, state.Bot);
            return new Answer { Status = 201, Body = new JsonObject() };
        });

    private static async Task<Answer> ListForCommitAsync(GitHubCall call, string reference, GitHubState state, GitStore git, Urls urls)
    {
        if (await git.ResolveAsync(call.Repository.Directory, Reference.Decode(reference), call.Context.RequestAborted) is not { } sha)
        {
            return Answer.Error(422, $"No commit found for SHA: {reference}");
        }

        lock (state.Gate)
        {
            return List(call, urls, run => run.HeadSha == sha);
        }
    }

    private static Answer ListOfSuite(GitHubCall call, long id, GitHubState state, Urls urls)
    {
        lock (state.Gate)
        {
            return call.Repository.Suites.Exists(suite => suite.Id == id) ? List(call, urls, run => run.Suite.Id == id) : Answer.NotFound();
        }
    }

    private static Answer List(GitHubCall call, Urls urls, Func<CheckRun, bool> which)
    {
        var (name, status, app) = (call.Query("check_name"), call.Query("status"), call.Query("app_id"));
        var runs = call.Repository.CheckRuns.Where(which).Where(run => name is null || run.Name == name)
            .Where(run => status is null || run.Status == status)
            .Where(_ => app is null || app == urls.Options.AppId.ToString(System.Globalization.CultureInfo.InvariantCulture));
        // "latest" is the default: of each name the newest run only.
        var chosen = call.Query("filter") == "all" ? runs : runs.GroupBy(run => run.Name).Select(group => group.Last());
        return call.Page([.. chosen.OrderByDescending(run => run.Id)], run => urls.CheckRun(call.Repository, run), urls, "check_runs");
    }

    private static async Task<Answer> ListSuitesAsync(GitHubCall call, string reference, GitHubState state, GitStore git, Urls urls)
    {
        var (directory, stop) = (call.Repository.Directory, call.Context.RequestAborted);
        if (await git.ResolveAsync(directory, Reference.Decode(reference), stop) is not { } sha ||
            await git.CommitAsync(directory, sha, stop) is not { } commit)
        {
            return Answer.Error(422, $"No commit found for SHA: {reference}");
        }

        lock (state.Gate)
        {
            var suites = call.Repository.Suites.Where(suite => suite.HeadSha == sha).ToList();
            return call.Page(suites, suite =>
                urls.CheckSuite(call.Repository, suite, CommitShape.SimpleCommit(commit)), urls, "check_suites");
        }
    }

    private static async Task<Answer> GetSuiteAsync(GitHubCall call, long id, GitHubState state, GitStore git, Urls urls)
    {
        CheckSuite? suite;
        lock (state.Gate)
        {
            suite = call.Repository.Suites.Find(candidate => candidate.Id == id);
        }

        if (suite is null || await git.CommitAsync(call.Repository.Directory, suite.HeadSha, call.Context.RequestAborted) is not { } commit)
        {
            return Answer.NotFound();
        }

        lock (state.Gate)
        {
            return Answer.Ok(urls.CheckSuite(call.Repository, suite, CommitShape.SimpleCommit(commit)));
        }
    }

    private static Answer With(GitHubCall call, long id, GitHubState state, Func<CheckRun, Answer> answer)
    {
        lock (state.Gate)
        {
            return call.Repository.CheckRuns.Find(run => run.Id == id) is { } run ? answer(run) : Answer.NotFound();
        }
    }
}
