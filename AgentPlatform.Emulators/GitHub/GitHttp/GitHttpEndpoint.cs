using AgentPlatform.Emulators.GitHub.Apps;
using AgentPlatform.Emulators.GitHub.Control;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;
using Microsoft.AspNetCore.Http.Features;

namespace AgentPlatform.Emulators.GitHub.GitHttp;

/// <summary>git over HTTP: GitHub's access rules in front of git's own server program.</summary>
internal static class GitHttpEndpoint
{
    private const long PushBytesMax = 1L << 30;
    private const string ReceivePack = "git-receive-pack";

    public static void MapGitHttp(this IEndpointRouteBuilder app, string basePath)
    {
        var repository = app.MapGroup($"{basePath}/{{owner}}/{{name}}.git");
        repository.MapGet("info/refs", ServeAsync);
        repository.MapPost("git-upload-pack", ServeAsync);
        repository.MapPost(ReceivePack, ServeAsync);
    }

    private static async Task ServeAsync(
        HttpContext context, string owner, string name, GitHubState state, Authenticator authenticator, GitHttpBackend backend,
        PushService pushes, Faults faults, CallLog log, TimeProvider time)
    {
        var started = time.GetTimestamp();
        var (caller, _) = authenticator.Identify(context);
        var repository = state.FindRepository(owner, name);
        var fault = faults.Take(context.Request.Method, context.Request.Path);
        var writes = context.Request.Path.Value!.EndsWith(ReceivePack, StringComparison.Ordinal) ||
            context.Request.Query["service"] == ReceivePack;
        if (fault is { Kind: FaultKind.Delay, Seconds: { } seconds })
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), time, context.RequestAborted);
        }

        if (fault?.Kind is FaultKind.LostRequest)
        {
            context.Abort();
        }
        else if (fault?.Kind is FaultKind.Status or FaultKind.SecondaryLimit)
        {
            await RefuseAsync(context, fault.Status ?? 503, "Service unavailable.");
        }
        else if (Refuse(caller, repository, writes) is var (status, message))
        {
            await RefuseAsync(context, status, message);
        }
        else
        {
            await RunAsync(context, repository!, state, backend, pushes, writes, loseAnswer: fault?.Kind is FaultKind.LostAnswer);
        }

        log.Add(new CallRecord(
            time.GetUtcNow(), context.Request.Method, context.Request.Path + context.Request.QueryString,
            context.RequestAborted.IsCancellationRequested ? 0 : context.Response.StatusCode,
            caller?.RateKey ?? "refused", time.GetElapsedTime(started).TotalMilliseconds, fault?.Kind.ToString()));
    }

    /// <summary>GitHub's rules. Without credentials it does not even say whether there is such a repository.</summary>
    private static (int Status, string Message)? Refuse(Caller? caller, Repository? repository, bool writes) => (caller, repository) switch
    {
        (null, _) => (401, "Invalid username or token. Password authentication is not supported for Git operations."),
        (Caller.Anonymous, null) => (401, "Authentication required."),
        (Caller.Anonymous, { } known) => known.Private || writes ? (401, "Authentication required.") : null,
        (_, null) => (404, "Repository not found."),
        (Caller.InstallationToken token, { } known) when token.Reaches(known) =>
            token.Holds("contents", writes) ? null : (403, "Write access to repository not granted."),
        (_, { Private: true }) => (404, "Repository not found."),
        _ => writes ? (403, "Write access to repository not granted.") : null,
    };

    private static async Task RunAsync(HttpContext context, Repository repository, GitHubState state, GitHttpBackend backend,
        PushService pushes, bool writes, bool loseAnswer)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = PushBytesMax;
        }

        // The client learns nothing when the answer is lost, but what it asked for has happened.
        var answer = loseAnswer ? Stream.Null : context.Response.Body;
        Task<bool> Serve() => backend.ServeAsync(context, repository, answer);
        _ = writes && HttpMethods.IsPost(context.Request.Method)
            ? await pushes.WatchAsync(repository, state.Bot, Serve, context.RequestAborted)
            : await Serve();
        if (loseAnswer)
        {
            context.Abort();
        }
    }

    private static async Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Headers.WWWAuthenticate = "Basic realm=\"GitHub\"";
        }

        context.Response.ContentLength = message.Length;
        await context.Response.WriteAsync(message, context.RequestAborted);
    }
}
