using System.Net;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.ServiceDefaults.HostCalls;

/// <summary>A host refused a call or did not answer. The message holds no secret: hosts never echo one.</summary>
public sealed class HostCallException : Exception
{
    /// <summary>A host's refusal, or silence where <paramref name="status"/> is null.</summary>
    public HostCallException(string message, HttpStatusCode? status, string? code)
        : base(message)
    {
        Status = status;
        Code = code;
    }

    /// <summary>The answer's status; null when the host did not answer.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>The problem's stable code, one of <see cref="HostProblemCodes"/> or of <c>ProblemCodes</c>; null without an answer.</summary>
    public string? Code { get; }

    /// <summary>The instance or command does not exist there: it was reaped, or the machine started anew.</summary>
    public bool IsGone => Status == HttpStatusCode.NotFound || Code == HostProblemCodes.InstanceEnded;

    /// <summary>Another worker holds a newer generation: whoever called must let go.</summary>
    public bool IsStale => Code == HostProblemCodes.StaleGeneration;

    /// <summary>Whether trying again can help, and where.</summary>
    public FaultCategory Category => Code switch
    {
        HostProblemCodes.HostFull or HostProblemCodes.FetchFailed => FaultCategory.Transient,
        HostProblemCodes.InstanceEnded or HostProblemCodes.HostNotReady or HostProblemCodes.StartFailed => FaultCategory.Infrastructure,
        HostProblemCodes.UnknownForge => FaultCategory.Configuration,
        HostProblemCodes.RepositoryTooLarge => FaultCategory.Resource,
        HostProblemCodes.CommitNotFound or HostProblemCodes.HeadMoved or HostProblemCodes.FetchRefused => FaultCategory.Permanent,
        _ => Status switch
        {
            null or >= HttpStatusCode.InternalServerError or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests => FaultCategory.Transient,
            HttpStatusCode.NotFound => FaultCategory.Infrastructure,
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => FaultCategory.Configuration,
            _ => FaultCategory.Permanent,
        },
    };
}
