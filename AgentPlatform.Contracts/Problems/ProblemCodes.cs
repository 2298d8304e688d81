namespace AgentPlatform.Contracts;

/// <summary>
/// The stable names of what can go wrong, in the extension <c>code</c> of every problem details answer. Programs branch on them:
/// a name is never changed or reused. A feature adds its own beside its contracts.
/// </summary>
public static class ProblemCodes
{
    /// <summary>400: the request cannot be understood or breaks a rule that <c>detail</c> or <c>errors</c> names.</summary>
    public const string InvalidRequest = "invalid_request";

    /// <summary>400: a page cursor that was not given out here.</summary>
    public const string InvalidCursor = "invalid_cursor";

    /// <summary>401: no credential, or one that is not accepted.</summary>
    public const string Unauthenticated = "unauthenticated";

    /// <summary>403: the credential is good but does not allow this.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>404: no such thing, or not one that the caller may know of.</summary>
    public const string NotFound = "not_found";

    /// <summary>405: the address exists, the method there does not.</summary>
    public const string MethodNotAllowed = "method_not_allowed";

    /// <summary>406: none of the accepted media types can be given.</summary>
    public const string NotAcceptable = "not_acceptable";

    /// <summary>408: the request's body did not arrive in time.</summary>
    public const string RequestTimeout = "request_timeout";

    /// <summary>409: not in this state, or somebody else was first.</summary>
    public const string Conflict = "conflict";

    /// <summary>412: the version that the caller knows is no longer the current one.</summary>
    public const string PreconditionFailed = "precondition_failed";

    /// <summary>413: the body is larger than the endpoint takes.</summary>
    public const string PayloadTooLarge = "payload_too_large";

    /// <summary>414: the address is longer than the server takes.</summary>
    public const string UriTooLong = "uri_too_long";

    /// <summary>415: a content type that the endpoint does not read.</summary>
    public const string UnsupportedMediaType = "unsupported_media_type";

    /// <summary>422: well-formed, but its content cannot be worked with.</summary>
    public const string Unprocessable = "unprocessable";

    /// <summary>409: the idempotency key was used for a different request.</summary>
    public const string IdempotencyKeyReused = "idempotency_key_reused";

    /// <summary>429: too many requests; <c>Retry-After</c> says when to come back.</summary>
    public const string RateLimited = "rate_limited";

    /// <summary>431: the headers are larger than the server takes.</summary>
    public const string HeadersTooLarge = "headers_too_large";

    /// <summary>500: a fault of ours; <c>traceId</c> finds it in the logs.</summary>
    public const string InternalError = "internal_error";

    /// <summary>502: a service behind this one gave no usable answer.</summary>
    public const string BadGateway = "bad_gateway";

    /// <summary>503: not now, for example while starting or stopping.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>504: a service behind this one did not answer in time.</summary>
    public const string UpstreamTimeout = "upstream_timeout";
}
