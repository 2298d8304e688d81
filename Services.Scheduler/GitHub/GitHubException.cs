using System.Net;
using AgentPlatform.Contracts.Runs;

namespace Services.Scheduler.GitHub;

/// <summary>GitHub did not do what was asked. The message names method, path and status only: never a token, a query or a body.</summary>
internal sealed class GitHubException(string message, HttpStatusCode? status, TimeSpan? retryAfter = null) : Exception(message)
{
    /// <summary>The answer's status, or null when there was no answer.</summary>
    public HttpStatusCode? Status { get; } = status;

    /// <summary>How long GitHub asks us to wait, or null.</summary>
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>Whether the App has no such installation: it was never installed there, or was removed.</summary>
    public bool IsInstallationGone { get; init; }

    /// <summary>Whether the thing asked for does not exist for this App.</summary>
    public bool IsGone => Status is HttpStatusCode.NotFound or HttpStatusCode.Gone;

    /// <summary>Whether trying again can help.</summary>
    public FaultCategory Category => Status switch
    {
        null or >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests => FaultCategory.Transient,
        HttpStatusCode.Forbidden when RetryAfter is not null => FaultCategory.Transient,
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => FaultCategory.Configuration,
        _ when IsInstallationGone => FaultCategory.Configuration,
        _ => FaultCategory.Permanent,
    };
}
