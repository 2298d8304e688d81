using System.Net;

namespace AgentPlatform.Client;

/// <summary>The platform refused a request, or could not be reached.</summary>
public sealed class AgentPlatformException : Exception
{
    /// <summary>A refusal, or silence where <paramref name="status"/> is null.</summary>
    public AgentPlatformException(string message, HttpStatusCode? status = null, string? code = null, Exception? inner = null)
        : base(message, inner)
    {
        Status = status;
        Code = code;
    }

    /// <summary>The answer's status; null if there was no answer.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>The problem's stable code, see <see cref="Contracts.ProblemCodes"/>; null where the answer was no problem document.</summary>
    public string? Code { get; }
}
