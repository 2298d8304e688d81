using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentPlatform.Contracts;

namespace AgentPlatform.Client;

/// <summary>The public API. Every refusal is an <see cref="AgentPlatformException"/>.</summary>
public sealed class AgentPlatformClient
{
    /// <summary>How long an answer may take that is not a stream.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(60);

    private readonly HttpClient _http;

    /// <summary>A client of the platform at the base address of <paramref name="http"/>, whose own timeout must be infinite: streams last.</summary>
    public AgentPlatformClient(HttpClient http, TimeProvider? time = null)
    {
        ArgumentNullException.ThrowIfNull(http);
        _http = http;
        Time = time ?? TimeProvider.System;
        Runs = new RunsClient(this);
        Hosts = new HostsClient(this);
        Sessions = new SessionsClient(this);
    }

    /// <summary>The platform's address.</summary>
    public Uri Address => _http.BaseAddress ?? throw new InvalidOperationException("The client was made without a base address.");

    /// <summary>Runs.</summary>
    public RunsClient Runs { get; }

    /// <summary>The machines that hold instances.</summary>
    public HostsClient Hosts { get; }

    /// <summary>Agents' sessions.</summary>
    public SessionsClient Sessions { get; }

    internal TimeProvider Time { get; }

    /// <summary>A client of the platform at an address.</summary>
    public static AgentPlatformClient For(Uri address) => new(new HttpClient { BaseAddress = address, Timeout = Timeout.InfiniteTimeSpan });

    /// <summary>The platform's services, and whether each is well.</summary>
    public Task<SystemStatus> StatusAsync(CancellationToken cancellationToken) =>
        GetAsync("api/v1/system", ContractsJsonContext.Default.SystemStatus, cancellationToken);

    internal async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        return await ReadAsync(request, type, cancellationToken).ConfigureAwait(false);
    }

    internal async Task<T> PostAsync<TBody, T>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<T> type, string? idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, bodyType) };
        if (idempotencyKey is not null)
        {
            request.Headers.Add("Idempotency-Key", idempotencyKey);
        }

        return await ReadAsync(request, type, cancellationToken).ConfigureAwait(false);
    }

    internal async Task<T> PostAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path);
        return await ReadAsync(request, type, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a request; the body of the answer is left to be read.</summary>
    internal async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException error)
        {
            throw new AgentPlatformException($"{_http.BaseAddress} cannot be reached: {error.Message}", inner: error);
        }

        if (response.IsSuccessStatusCode)
        {
            return response;
        }

        using (response)
        {
            throw await RefusalAsync(response, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<T> ReadAsync<T>(HttpRequestMessage request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(AnswerMax, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await SendAsync(request, either.Token).ConfigureAwait(false);
            return await response.Content.ReadFromJsonAsync(type, either.Token).ConfigureAwait(false)
                ?? throw new AgentPlatformException("The answer was empty.", response.StatusCode);
        }
        catch (OperationCanceledException error) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new AgentPlatformException($"{_http.BaseAddress} did not answer within {AnswerMax.TotalSeconds:0} s.", inner: error);
        }
        catch (Exception error) when (error is JsonException or HttpRequestException or IOException)
        {
            throw new AgentPlatformException($"{_http.BaseAddress} did not answer as the platform does.", HttpStatusCode.BadGateway, inner: error);
        }
    }

    private static async Task<AgentPlatformException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string? code = null, detail = null;
        try
        {
            using var problem = await JsonDocument.ParseAsync(
                await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), default, cancellationToken).ConfigureAwait(false);
            code = Text(problem, "code");
            detail = Text(problem, "detail") ?? Text(problem, "title");
        }
        catch (JsonException)
        {
            // Something in between answered; the status says enough.
        }

        return new AgentPlatformException(detail ?? $"The answer was {(int)response.StatusCode}.", response.StatusCode, code);
    }

    private static string? Text(JsonDocument problem, string name) =>
        problem.RootElement.ValueKind == JsonValueKind.Object && problem.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
