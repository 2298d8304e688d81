using System.Text.Json.Nodes;
using AgentPlatform.Emulators.GitHub.Apps;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Api;

/// <summary>One call of the API: who calls, which repository the path names, what was sent, and what is answered.</summary>
internal sealed class GitHubCall(HttpContext context, Caller caller)
{
    private Repository? _repository;

    public HttpContext Context => context;

    public Caller Caller => caller;

    /// <summary>The body, an empty object where none was sent.</summary>
    public JsonObject Body { get; set; } = [];

    public Answer? Answer { get; set; }

    /// <summary>The repository of the path; only endpoints below one may ask.</summary>
    public Repository Repository
    {
        get => _repository ?? throw new InvalidOperationException("This endpoint is not below a repository.");
        set => _repository = value;
    }

    public bool HasRepository => _repository is not null;

    public static GitHubCall Of(HttpContext context) =>
        context.Features.Get<GitHubCall>() ?? throw new InvalidOperationException("The call did not come through the API's middleware.");

    /// <summary>Lets endpoints take the call as a parameter.</summary>
    public static ValueTask<GitHubCall?> BindAsync(HttpContext context) => ValueTask.FromResult<GitHubCall?>(Of(context));

    public string? Query(string name) => context.Request.Query[name] is { Count: > 0 } values ? values[0] : null;

    /// <summary>Whether the client asks for one of GitHub's media types, such as <c>diff</c> or <c>raw</c>.</summary>
    public bool Accepts(string mediaType) =>
        context.Request.Headers.Accept.ToString().Contains($"application/vnd.github.{mediaType}", StringComparison.OrdinalIgnoreCase) ||
        context.Request.Headers.Accept.ToString().Contains($"application/vnd.github.v3.{mediaType}", StringComparison.OrdinalIgnoreCase);
}
