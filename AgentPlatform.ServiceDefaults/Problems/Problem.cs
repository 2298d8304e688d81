using AgentPlatform.Contracts;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace AgentPlatform.ServiceDefaults.Problems;

/// <summary>Answers that say what went wrong, with a stable code. See <see cref="ProblemCodes"/>.</summary>
public static class Problem
{
    internal const string CodeKey = "code";

    /// <summary>A problem details answer.</summary>
    /// <param name="status">The HTTP status, 400 to 599.</param>
    /// <param name="code">The stable code that programs branch on.</param>
    /// <param name="detail">What a person should know. Never an exception's text, a secret, or the caller's own input unescaped.</param>
    public static ProblemHttpResult Of(int status, string code, string? detail = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(code);
        return TypedResults.Problem(detail, statusCode: status, extensions: [new(CodeKey, code)]);
    }

    /// <summary>The code for a status that nobody gave a better one.</summary>
    public static string CodeOf(int status) => status switch
    {
        StatusCodes.Status401Unauthorized => ProblemCodes.Unauthenticated,
        StatusCodes.Status403Forbidden => ProblemCodes.Forbidden,
        StatusCodes.Status404NotFound => ProblemCodes.NotFound,
        StatusCodes.Status405MethodNotAllowed => ProblemCodes.MethodNotAllowed,
        StatusCodes.Status406NotAcceptable => ProblemCodes.NotAcceptable,
        StatusCodes.Status408RequestTimeout => ProblemCodes.RequestTimeout,
        StatusCodes.Status409Conflict => ProblemCodes.Conflict,
        StatusCodes.Status412PreconditionFailed => ProblemCodes.PreconditionFailed,
        StatusCodes.Status413PayloadTooLarge => ProblemCodes.PayloadTooLarge,
        StatusCodes.Status414UriTooLong => ProblemCodes.UriTooLong,
        StatusCodes.Status415UnsupportedMediaType => ProblemCodes.UnsupportedMediaType,
        StatusCodes.Status422UnprocessableEntity => ProblemCodes.Unprocessable,
        StatusCodes.Status429TooManyRequests => ProblemCodes.RateLimited,
        StatusCodes.Status431RequestHeaderFieldsTooLarge => ProblemCodes.HeadersTooLarge,
        StatusCodes.Status502BadGateway => ProblemCodes.BadGateway,
        StatusCodes.Status503ServiceUnavailable => ProblemCodes.Unavailable,
        StatusCodes.Status504GatewayTimeout => ProblemCodes.UpstreamTimeout,
        >= 500 => ProblemCodes.InternalError,
        _ => ProblemCodes.InvalidRequest,
    };
}
