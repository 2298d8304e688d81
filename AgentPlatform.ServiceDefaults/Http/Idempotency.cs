namespace System.Net.Http;

/// <summary>Which requests may be sent again after a failure.</summary>
public static class Idempotency
{
    /// <summary>The header by which a server recognises a request that it has already carried out.</summary>
    public const string KeyHeader = "Idempotency-Key";

    private static readonly HttpRequestOptionsKey<bool> Marked = new("AgentPlatform.Idempotent");

    /// <summary>Says that the server does the same however often it gets this request, so it may be sent again.</summary>
    public static HttpRequestMessage MarkIdempotent(this HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Options.Set(Marked, true);
        return request;
    }

    /// <summary>
    /// Whether the request may be sent again: its method is idempotent by definition (RFC 9110, section 9.2.2), it carries an idempotency key,
    /// or it is marked. POST, PATCH and CONNECT by themselves may not.
    /// </summary>
    public static bool MayBeRepeated(this HttpRequestMessage request)
    {
        ArgumentNullException.ThrowIfNull(request);
        return (request.Options.TryGetValue(Marked, out var marked) && marked)
            || request.Headers.Contains(KeyHeader)
            || IsIdempotent(request.Method);
    }

    private static bool IsIdempotent(HttpMethod method) => method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Options
        || method == HttpMethod.Trace || method == HttpMethod.Put || method == HttpMethod.Delete;
}
