using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Apps;
using AgentPlatform.Emulators.GitHub.Control;
using AgentPlatform.Emulators.GitHub.RateLimits;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Api;

/// <summary>
/// What every call of the API goes through: identity, limits, access, conditional requests, faults that were asked for, and the record of
/// it.
/// </summary>
internal sealed class ApiMiddleware(
    RequestDelegate next, Authenticator authenticator, RateLimiter limiter, GitHubState state, Faults faults, CallLog log, Urls urls,
    TimeProvider time)
{
    private const string Version = "2022-11-28";

    public async Task InvokeAsync(HttpContext context)
    {
        var started = Stopwatch.GetTimestamp();
        var fault = faults.Take(context.Request.Method, context.Request.Path);
        var (caller, refusal) = authenticator.Identify(context);
        var call = new GitHubCall(context, caller ?? new Caller.Anonymous("refused"));
        context.Features.Set(call);
        if (fault is { Kind: FaultKind.Delay, Seconds: { } seconds })
        {
            await Task.Delay(TimeSpan.FromSeconds(seconds), time, context.RequestAborted);
        }

        var answer = Inject(fault) ?? (refusal is { } refused ? Answer.Error(refused.Status, refused.Message) : await RunAsync(call));
        var lost = fault?.Kind is FaultKind.LostAnswer or FaultKind.LostRequest;
        log.Add(new CallRecord(
            time.GetUtcNow(), context.Request.Method, context.Request.Path + context.Request.QueryString, lost ? 0 : answer.Status,
            call.Caller.RateKey, Stopwatch.GetElapsedTime(started).TotalMilliseconds, fault?.Kind.ToString()));
        if (lost)
        {
            context.Abort();
            return;
        }

        await WriteAsync(call, answer);
    }

    private static Answer? Inject(FaultRule? fault) => fault?.Kind switch
    {
        FaultKind.Status => Answer.Error(fault.Status ?? 500, "Server Error"),
        FaultKind.SecondaryLimit => RateLimiter.Secondary(fault.Status ?? 403, TimeSpan.FromSeconds(fault.Seconds ?? 60)),
        FaultKind.UnsaidLimit => RateLimiter.Secondary(fault.Status ?? 403, retryAfter: null),
        FaultKind.LostRequest => Answer.NoContent(),
        _ => null,
    };

    private async Task<Answer> RunAsync(GitHubCall call)
    {
        var context = call.Context;
        if (context.Request.Headers.UserAgent.Count == 0)
        {
            return Answer.Error(403, "Request forbidden by administrative rules. Please make sure your request has a User-Agent header.");
        }

        if (context.Request.Headers["X-GitHub-Api-Version"].ToString() is { Length: > 0 } version && version != Version)
        {
            return Answer.Error(400, $"This server answers in API version {Version} only, not in {version}.");
        }

        var metadata = context.GetEndpoint()?.Metadata;
        var write = !HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method);
        var counted = metadata?.GetMetadata<Uncounted>() is null;
        if (counted && limiter.Enter(call.Caller, write, metadata?.GetMetadata<CreatesContent>() is not null) is { } limited)
        {
            return limited;
        }

        var notModified = false;
        try
        {
            if (Resolve(call, out var moved) is { } missing)
            {
                return moved ?? missing;
            }

            if (metadata?.GetMetadata<Access>() is { } access && Refuse(call, access) is { } forbidden)
            {
                return forbidden;
            }

            if (write && await ReadBodyAsync(call) is { } unreadable)
            {
                return unreadable;
            }

            await next(context);
            var answer = call.Answer ?? Answer.NotFound();
            notModified = Tag(call, answer) is { } tag && tag == context.Request.Headers.IfNoneMatch.ToString();
            return notModified ? new Answer { Status = 304, Headers = { ["ETag"] = Tag(call, answer)! } } : answer;
        }
        finally
        {
            if (counted)
            {
                limiter.Leave(call.Caller, refund: notModified);
            }
        }
    }

    /// <summary>Finds the repository that the path names, by owner and name or by id.</summary>
    private Answer? Resolve(GitHubCall call, out Answer? moved)
    {
        moved = null;
        var values = call.Context.Request.RouteValues;
        Repository? repository;
        if (values.TryGetValue("repositoryId", out var id))
        {
            repository = state.FindRepository(long.Parse((string)id!, CultureInfo.InvariantCulture));
        }
        else if (values.TryGetValue("owner", out var owner) && values.TryGetValue("repo", out var name))
        {
            repository = state.FindRepository((string)owner!, (string)name!);
            if (repository is null && state.FindMoved((string)owner!, (string)name!) is { } target && MayRead(call.Caller, target))
            {
                moved = Moved(call, target);
            }
        }
        else
        {
            return null;
        }

        if (repository is null || !MayRead(call.Caller, repository))
        {
            return Answer.NotFound();
        }

        call.Repository = repository;
        return null;
    }

    private Answer Moved(GitHubCall call, Repository target)
    {
        var rest = call.Context.Request.Path.Value![(urls.Options.BasePath.Length + "/api/v3".Length)..].Split('/').Skip(4);
        var url = string.Join('/', [$"{urls.Api}/repositories/{target.Id}", .. rest]);
        var status = HttpMethods.IsGet(call.Context.Request.Method) ? 301 : 307;
        return new Answer
        {
            Status = status,
            Body = new JsonObject
            {
                ["message"] = "Moved Permanently",
                ["url"] = url,
                ["documentation_url"] = "https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects",
            },
            Headers = { ["Location"] = url + call.Context.Request.QueryString },
        };
    }

    private static bool MayRead(Caller caller, Repository repository) =>
        !repository.Private || (caller is Caller.InstallationToken token && token.Reaches(repository));

    private static Answer? Refuse(GitHubCall call, Access access)
    {
        switch (access.Credential, call.Caller)
        {
            case (Credential.App, not Caller.App):
                return Answer.Error(401, "A JSON web token could not be decoded");
            case (Credential.Installation, Caller.Anonymous):
                return Answer.Error(401, "Requires authentication");
            case (Credential.Installation, Caller.App):
                return Answer.Error(403, "Resource not accessible by integration");
            case (_, Caller.InstallationToken token) when access.Permissions.Length > 0 && call.HasRepository:
                var isPublicRead = !call.Repository.Private && !access.Write;
                var allowed = isPublicRead ||
                    (token.Reaches(call.Repository) && access.Permissions.Any(permission => token.Holds(permission, access.Write)));
                return allowed ? null : Forbidden(access);
            default:
                return null;
        }
    }

    private static Answer Forbidden(Access access)
    {
        var answer = Answer.Error(403, "Resource not accessible by integration");
        answer.Headers["X-Accepted-GitHub-Permissions"] = access.Describe();
        return answer;
    }

    private static async Task<Answer?> ReadBodyAsync(GitHubCall call)
    {
        var request = call.Context.Request;
        using var buffer = new MemoryStream();
        await request.Body.CopyToAsync(buffer, call.Context.RequestAborted);
        if (buffer.Length == 0)
        {
            return null;
        }

        try
        {
            if (JsonNode.Parse(buffer.ToArray()) is not JsonObject body)
            {
                return Answer.Error(400, "Body should be a JSON object");
            }

            call.Body = body;
            return null;
        }
        catch (JsonException)
        {
            return Answer.Error(400, "Problems parsing JSON");
        }
    }

    private static string? Tag(GitHubCall call, Answer answer)
    {
        if (answer.Status != 200 || !HttpMethods.IsGet(call.Context.Request.Method))
        {
            return null;
        }

        return $"W/\"{Convert.ToHexStringLower(SHA256.HashData(answer.Bytes))}\"";
    }

    private async Task WriteAsync(GitHubCall call, Answer answer)
    {
        var response = call.Context.Response;
        response.StatusCode = answer.Status;
        var budget = limiter.BudgetOf(call.Caller);
        response.Headers["Server"] = "github.com";
        response.Headers["X-GitHub-Request-Id"] = call.Context.TraceIdentifier;
        response.Headers["X-GitHub-Media-Type"] = "github.v3; format=json";
        response.Headers["X-GitHub-Api-Version-Selected"] = Version;
        response.Headers["X-RateLimit-Limit"] = budget.Limit.ToString(CultureInfo.InvariantCulture);
        response.Headers["X-RateLimit-Remaining"] = budget.Remaining.ToString(CultureInfo.InvariantCulture);
        response.Headers["X-RateLimit-Used"] = budget.Used.ToString(CultureInfo.InvariantCulture);
        response.Headers["X-RateLimit-Reset"] = budget.Reset.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        response.Headers["X-RateLimit-Resource"] = "core";
        response.Headers["X-Content-Type-Options"] = "nosniff";
        if (Tag(call, answer) is { } tag)
        {
            response.Headers.ETag = tag;
            response.Headers.CacheControl = call.Caller is Caller.Anonymous ? "public, max-age=60, s-maxage=60"
                : "private, max-age=60, s-maxage=60";
        }

        foreach (var (name, value) in answer.Headers)
        {
            response.Headers[name] = value;
        }

        if (answer.Status is 204 or 304)
        {
            return;
        }

        response.ContentType = answer.ContentType;
        await response.Body.WriteAsync(answer.Bytes, call.Context.RequestAborted);
    }
}
