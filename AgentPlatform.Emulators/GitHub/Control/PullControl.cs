using AgentPlatform.Emulators.Control;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Checks;
using AgentPlatform.Emulators.GitHub.Comments;
using AgentPlatform.Emulators.GitHub.Pulls;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>What people do with pull requests.</summary>
internal static class PullControl
{
    public static RouteGroupBuilder MapPullControl(this RouteGroupBuilder control)
    {
        var repository = control.MapGroup("repositories/{owner}/{name}");
        repository.MapPost("pulls", OpenAsync);
        repository.MapPost("pulls/{number:int}/{verb:regex(^(close|reopen|ready|draft|merge)$)}", ChangeAsync);
        repository.MapPost("pulls/{number:int}/comments", Comment);
        repository.MapPost("check-runs/{id:long}/rerequest", Rerequest);
        repository.MapPost("check-runs/{id:long}/actions", Press);
        return control;
    }

    private static async Task<IResult> OpenAsync(
        string owner, string name, NewPull wanted, GitHubState state, PullService pulls, Urls urls, CancellationToken cancellationToken)
    {
        var parts = wanted.Head.Split(':', 2);
        var (headOwner, branch) = parts.Length == 2 ? (parts[0], parts[1]) : (owner, parts[0]);
        Repository? head;
        var repository = state.FindRepository(owner, name);
        lock (state.Gate)
        {
            head = headOwner.Equals(owner, StringComparison.OrdinalIgnoreCase)
                ? repository
                : state.Repositories.FirstOrDefault(fork =>
                    fork.Parent == repository && fork.Owner.Login.Equals(headOwner, StringComparison.OrdinalIgnoreCase));
        }

        if (repository is null || head is null)
        {
            return ControlGroup.NotFound($"repository {owner}/{name}, or fork of it by {headOwner}");
        }

        var user = RepositoryControl.Sender(state, head, wanted.User);
        var pull = await pulls.OpenAsync(repository, head, branch, wanted.Base ?? repository.DefaultBranch, wanted.Title, wanted.Body,
            user, wanted.Draft, cancellationToken);
        return pull is null
            ? ControlGroup.Problem("no_such_branches",
                $"{wanted.Head} and {wanted.Base ?? repository.DefaultBranch} are not two branches with a common commit.",
                StatusCodes.Status422UnprocessableEntity)
            : TypedResults.Created(urls.Html(pull), Describe(pull, urls));
    }

    private static async Task<IResult> ChangeAsync(
        string owner, string name, int number, string verb, Actor actor, GitHubState state, PullService pulls, PushService pushes,
        Urls urls, CancellationToken cancellationToken)
    {
        if (state.FindRepository(owner, name) is not { } repository || repository.FindPull(number) is not { } pull)
        {
            return ControlGroup.NotFound($"pull request {owner}/{name}#{number}");
        }

        var sender = RepositoryControl.Sender(state, repository, actor.User);
        switch (verb)
        {
            case "close":
                pulls.Close(pull, sender);
                break;
            case "reopen":
                await pulls.ReopenAsync(pull, sender, cancellationToken);
                break;
            case "ready":
                pulls.Ready(pull, sender);
                break;
            case "draft":
                pulls.ConvertToDraft(pull, sender);
                break;
            default:
                if (pull.Change.MergeSha is not { } merge || !pull.Open)
                {
                    return ControlGroup.Problem("not_mergeable", "The pull request is closed or conflicts with its base.",
                        StatusCodes.Status409Conflict);
                }

                await pushes.MoveAsync(repository, pull.BaseRef, merge, sender, cancellationToken);
                pulls.Merged(pull, sender);
                break;
        }

        return TypedResults.Ok(Describe(pull, urls));
    }

    private static IResult Comment(string owner, string name, int number, NewComment wanted, GitHubState state, CommentService comments) =>
        state.FindRepository(owner, name) is { } repository &&
        comments.Create(repository, number, RepositoryControl.Sender(state, repository, wanted.User), wanted.Body,
            byApp: false) is { } comment
            ? TypedResults.Created((string?)null, new { comment.Id })
            : ControlGroup.NotFound($"pull request {owner}/{name}#{number}");

    private static IResult Rerequest(string owner, string name, long id, Actor actor, GitHubState state, CheckRunService checks) =>
        With(owner, name, id, state, (repository, run) =>
            checks.Rerequest(repository, run, RepositoryControl.Sender(state, repository, actor.User)));

    private static IResult Press(string owner, string name, long id, PressedAction pressed, GitHubState state, CheckRunService checks) =>
        With(owner, name, id, state, (repository, run) =>
            checks.Press(repository, run, pressed.Identifier, RepositoryControl.Sender(state, repository, pressed.User)));

    private static IResult With(string owner, string name, long id, GitHubState state, Action<Repository, CheckRun> act)
    {
        var repository = state.FindRepository(owner, name);
        CheckRun? run;
        lock (state.Gate)
        {
            run = repository?.CheckRuns.Find(candidate => candidate.Id == id);
        }

        if (run is null)
        {
            return ControlGroup.NotFound($"check run {id} in {owner}/{name}");
        }

        act(repository!, run);
        return TypedResults.Accepted((string?)null);
    }

    public static object Describe(PullRequest pull, Urls urls) => new
    {
        pull.Id,
        pull.Number,
        pull.Change.HeadSha,
        pull.Change.BaseSha,
        pull.HeadRef,
        pull.BaseRef,
        State = pull.Open ? "open" : "closed",
        pull.Draft,
        Merged = pull.MergedAt is not null,
        RepositoryId = pull.Repository.Id,
        Repository = pull.Repository.FullName,
        HtmlUrl = urls.Html(pull),
        ApiUrl = urls.Api(pull),
    };
}
