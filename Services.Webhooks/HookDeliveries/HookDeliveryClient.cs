using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using AgentPlatform.ServiceDefaults.GitHub;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Services.Webhooks.Receiving;

namespace Services.Webhooks.HookDeliveries;

/// <summary>Reads a GitHub App's deliveries. Rate limits are obeyed: <see cref="GitHubPauseException"/> says until when to be silent.</summary>
internal sealed class HookDeliveryClient(
    IHttpClientFactory clients, AppTokens tokens, BodyBudget budget, IOptions<WebhookOptions> webhooks, TimeProvider time)
{
    public const string ClientName = "github-hooks";

    private const int PageSize = 100;

    // Around the payload stand the headers of request and answer, and the answer itself.
    private const long EnvelopeMax = 1024 * 1024;

    private static readonly TimeSpan SecondaryPause = TimeSpan.FromMinutes(1);

    /// <summary>Reads a page of the list.</summary>
    /// <param name="cursor">Where to go on; null for the newest page.</param>
    /// <param name="etag">The newest page's ETag as last seen, if any.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<HookDeliveryPage> ListAsync(string? cursor, string? etag, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"app/hook/deliveries?per_page={PageSize}");
        using var request = Request(cursor is null ? path : $"{path}&cursor={Uri.EscapeDataString(cursor)}");
        if (etag is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", etag);
        }

        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotModified)
        {
            return new HookDeliveryPage(null, null, etag);
        }

        response.EnsureSuccessStatusCode();
        var items = await JsonSerializer.DeserializeAsync(
            await response.Content.ReadAsStreamAsync(cancellationToken), HookDeliveryJsonContext.Default.ListHookDeliveryItem, cancellationToken);
        return new HookDeliveryPage(items ?? [], NextCursor(response), response.Headers.ETag?.ToString());
    }

    /// <summary>Reads a delivery's payload and hands it on; false if GitHub has none any more.</summary>
    public async Task<bool> ReadPayloadAsync(long id, Func<ReadOnlyMemory<byte>, Task> use, CancellationToken cancellationToken)
    {
        using var request = Request(string.Create(CultureInfo.InvariantCulture, $"app/hook/deliveries/{id}"));
        using var response = await SendAsync(request, cancellationToken);
        if (response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.Gone)
        {
            return false;
        }

        response.EnsureSuccessStatusCode();
        var (answer, fault) = await PooledBody.ReadAsync(
            await response.Content.ReadAsStreamAsync(cancellationToken), response.Content.Headers.ContentLength, webhooks.Value.BodyMax + EnvelopeMax, budget, cancellationToken);
        using (answer)
        {
            if (answer is null)
            {
                return fault == BodyFault.TooLarge ? false : throw new IOException("There is no memory for the payload now.");
            }

            if (PayloadRange(answer.Bytes.Span) is not { } range)
            {
                return false;
            }

            await use(answer.Bytes[range]);
            return true;
        }
    }

    /// <summary>Where <c>request.payload</c> stands in an answer, if it is an object.</summary>
    internal static Range? PayloadRange(ReadOnlySpan<byte> answer)
    {
        var reader = new Utf8JsonReader(answer);
        return EnterProperty(ref reader, "request"u8) && EnterProperty(ref reader, "payload"u8) ? ValueRange(ref reader) : null;
    }

    private static Range? ValueRange(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    /// <summary>Moves to the value of a property of the object that the reader is at, or begins with.</summary>
    private static bool EnterProperty(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if ((reader.TokenType == JsonTokenType.None && !reader.Read()) || reader.TokenType != JsonTokenType.StartObject)
        {
            return false;
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var found = reader.ValueTextEquals(name);
            reader.Read();
            if (found)
            {
                return true;
            }

            reader.Skip();
        }

        return false;
    }

    private HttpRequestMessage Request(string path)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.Current());
        return request;
    }

    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await clients.CreateClient(ClientName).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (PauseAfter(response) is { } pause)
        {
            response.Dispose();
            throw new GitHubPauseException(pause);
        }

        return response;
    }

    /// <summary>How long GitHub wants silence: <c>Retry-After</c>, else until the limit is reset, else a minute for a limit that says nothing.</summary>
    private TimeSpan? PauseAfter(HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.Forbidden or HttpStatusCode.TooManyRequests))
        {
            return null;
        }

        if (response.Headers.RetryAfter?.Delta is { } delta)
        {
            return delta;
        }

        return Header(response, "x-ratelimit-remaining") == 0 && Header(response, "x-ratelimit-reset") is { } reset
            ? DateTimeOffset.FromUnixTimeSeconds(reset) - time.GetUtcNow()
            : SecondaryPause;
    }

    private static long? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string? NextCursor(HttpResponseMessage response)
    {
        if (!response.Headers.TryGetValues("Link", out var links))
        {
            return null;
        }

        foreach (var link in links.SelectMany(value => value.Split(',')))
        {
            var parts = link.Split(';', StringSplitOptions.TrimEntries);
            if (parts.Contains("rel=\"next\"") && Uri.TryCreate(parts[0].Trim('<', '>', ' '), UriKind.Absolute, out var address)
                && QueryHelpers.ParseQuery(address.Query).TryGetValue("cursor", out var cursor))
            {
                return cursor;
            }
        }

        return null;
    }
}

/// <summary>GitHub asks for silence.</summary>
internal sealed class GitHubPauseException(TimeSpan pause) : Exception($"GitHub asks for a pause of {pause.TotalSeconds:F0} s.")
{
    public TimeSpan Pause => pause;
}
