using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Services.Scheduler.GitHub;

/// <summary>Sending to GitHub and reading its answers: every refusal becomes one <see cref="GitHubException"/> that says what to do.</summary>
internal static class GitHubAnswers
{
    /// <summary>Used where GitHub limits us without saying for how long; it asks for at least a minute then.</summary>
    private static readonly TimeSpan UnsaidWait = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WaitMax = TimeSpan.FromHours(1);
    private static readonly long LastSecond = DateTimeOffset.MaxValue.ToUnixTimeSeconds();

    /// <summary>Bytes of a refusal that are read: GitHub's message comes first and is short.</summary>
    private const int MessageMax = 4_096;

    public static async Task<HttpResponseMessage> SendAsync(HttpClient client, HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await client.SendAsync(request, cancellationToken);
        }
        catch (Exception error) when (error is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            throw new GitHubException($"{request.Method} {Path(request)} got no answer ({error.GetType().Name})", null);
        }

        if (response.IsSuccessStatusCode || response.StatusCode == HttpStatusCode.NotModified)
        {
            return response;
        }

        using (response)
        {
            var wait = await RetryAfterAsync(response, cancellationToken);
            throw new GitHubException($"{request.Method} {Path(request)} answered {(int)response.StatusCode}", response.StatusCode, wait);
        }
    }

    /// <exception cref="GitHubException">The answer is not of the form that was expected, such as a page that something in between put in its place.</exception>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new GitHubException("GitHub answered with an empty body", null);
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or InvalidOperationException)
        {
            throw new GitHubException("GitHub's answer could not be read", null);
        }
    }

    /// <summary>
    /// GitHub's rule: retry-after; else, with nothing remaining, the reset; else for a limit without figures, a minute. A 403 of a secondary limit may name
    /// the limit in its message only.
    /// </summary>
    /// <returns>At most an hour; null if the refusal is no limit.</returns>
    internal static async Task<TimeSpan?> RetryAfterAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
        {
            return null;
        }

        if (response.Headers.RetryAfter?.Delta is { } delta)
        {
            return Bounded(delta);
        }

        if (Header(response.Headers, "x-ratelimit-remaining") == 0)
        {
            return Header(response.Headers, "x-ratelimit-reset") is { } reset
                ? Bounded(DateTimeOffset.FromUnixTimeSeconds(Math.Min(reset, LastSecond)) - (response.Headers.Date ?? DateTimeOffset.UnixEpoch))
                : UnsaidWait;
        }

        return response.StatusCode == HttpStatusCode.TooManyRequests || await NamesLimitAsync(response.Content, cancellationToken) ? UnsaidWait : null;
    }

    /// <summary>Whether the message of a refusal speaks of a rate limit; its beginning is enough.</summary>
    private static async Task<bool> NamesLimitAsync(HttpContent content, CancellationToken cancellationToken)
    {
        try
        {
            await using var body = await content.ReadAsStreamAsync(cancellationToken);
            var beginning = new byte[MessageMax];
            var read = await body.ReadAtLeastAsync(beginning, beginning.Length, throwOnEndOfStream: false, cancellationToken);
            return Encoding.UTF8.GetString(beginning, 0, read).Contains("rate limit", StringComparison.OrdinalIgnoreCase);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // A refusal whose text got lost is judged by its status.
            return false;
        }
    }

    private static TimeSpan Bounded(TimeSpan wait) => wait < TimeSpan.Zero ? TimeSpan.Zero : wait > WaitMax ? WaitMax : wait;

    private static long? Header(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string Path(HttpRequestMessage request) =>
        request.RequestUri is { IsAbsoluteUri: true } absolute ? absolute.AbsolutePath : request.RequestUri?.OriginalString.Split('?')[0] ?? "/";
}
