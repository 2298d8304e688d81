using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace AgentPlatform.ServiceDefaults.HostCalls;

/// <summary>
/// The calls to one host machine, which is addressed by the URL that it enrolled with. Every refusal becomes a
/// <see cref="HostCallException"/>. All calls may be repeated: ids are chosen here, and hosts recognise them.
/// </summary>
public sealed class HostClient
{
    /// <summary>The named client for the calls, without the standard resilience: some of them are held back for half a minute.</summary>
    public const string ClientName = "hosts";

    /// <summary>Tries for a call that got no answer; what the host was asked is idempotent.</summary>
    private const int TriesMax = 3;
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(HostLimits.WaitSecondsMax + 15);
    private static readonly TimeSpan TryAgainAfter = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan TryAgainAfterMax = TimeSpan.FromSeconds(1);

    private readonly HttpClient _http;
    private readonly TimeSpan _patience;
    private readonly TimeProvider _time;

    /// <summary>Calls to the host at <paramref name="address"/>.</summary>
    /// <param name="http">Sends them.</param>
    /// <param name="address">The host's advertised address.</param>
    /// <param name="time">Measures the silence.</param>
    /// <param name="patience">How long a host may be silent before a call fails. It may be restarting, and what runs on it goes on meanwhile.</param>
    public HostClient(HttpClient http, Uri address, TimeProvider time, TimeSpan patience = default)
    {
        ArgumentNullException.ThrowIfNull(http);
        (_http, Address, _time, _patience) = (http, address, time, patience);
    }

    /// <summary>The host's advertised address.</summary>
    public Uri Address { get; }

    /// <summary>What the host says of itself.</summary>
    public Task<HostStatus> GetStatusAsync(CancellationToken cancellationToken) => GetAsync(HostRoutes.Host, HostsJsonContext.Default.HostStatus, cancellationToken);

    /// <summary>Makes an instance, or finds the one that an earlier call made.</summary>
    public Task<HostInstance> CreateInstanceAsync(CreateInstanceRequest request, CancellationToken cancellationToken) =>
        PostAsync(HostRoutes.Instances, request, HostsJsonContext.Default.CreateInstanceRequest, HostsJsonContext.Default.HostInstance, cancellationToken);

    /// <summary>What the host knows of an instance.</summary>
    public Task<HostInstance> GetInstanceAsync(InstanceId id, CancellationToken cancellationToken) =>
        GetAsync(HostRoutes.Instance(id), HostsJsonContext.Default.HostInstance, cancellationToken);

    /// <summary>Holds an instance for another while.</summary>
    public Task<HostInstance> RenewLeaseAsync(InstanceId id, RenewLeaseRequest request, CancellationToken cancellationToken) =>
        PostAsync(HostRoutes.Lease(id), request, HostsJsonContext.Default.RenewLeaseRequest, HostsJsonContext.Default.HostInstance, cancellationToken);

    /// <summary>Fetches a commit and checks it out.</summary>
    public Task<WorkspaceView> PrepareWorkspaceAsync(InstanceId id, PrepareWorkspaceRequest request, CancellationToken cancellationToken) =>
        PostAsync(HostRoutes.Workspace(id), request, HostsJsonContext.Default.PrepareWorkspaceRequest, HostsJsonContext.Default.WorkspaceView, cancellationToken);

    /// <summary>Opens or closes the network and the model door.</summary>
    public Task<NetworkView> SetNetworkAsync(InstanceId id, SetNetworkRequest request, CancellationToken cancellationToken) =>
        PostAsync(HostRoutes.Network(id), request, HostsJsonContext.Default.SetNetworkRequest, HostsJsonContext.Default.NetworkView, cancellationToken);

    /// <summary>Starts a command, or finds the one that an earlier call started.</summary>
    public Task<HostCommand> StartCommandAsync(InstanceId id, StartCommandRequest request, CancellationToken cancellationToken) =>
        PostAsync(HostRoutes.Commands(id), request, HostsJsonContext.Default.StartCommandRequest, HostsJsonContext.Default.HostCommand, cancellationToken);

    /// <summary>A command as it is, or, with <paramref name="waitSeconds"/>, once it has ended or that time is over.</summary>
    public Task<HostCommand> GetCommandAsync(InstanceId id, CommandId command, int waitSeconds, CancellationToken cancellationToken) => GetAsync(
        string.Create(CultureInfo.InvariantCulture, $"{HostRoutes.Command(id, command)}?waitSeconds={waitSeconds}"), HostsJsonContext.Default.HostCommand, cancellationToken);

    /// <summary>A page of a command's standard output from <paramref name="offset"/> on.</summary>
    /// <param name="id">The instance.</param>
    /// <param name="command">The command.</param>
    /// <param name="offset">In bytes, from 0.</param>
    /// <param name="waitSeconds">How long an empty page is held back; 0 for at once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<OutputPage> ReadOutputAsync(InstanceId id, CommandId command, long offset, int waitSeconds, CancellationToken cancellationToken)
    {
        var follow = waitSeconds > 0 ? "true" : "false";
        var path = string.Create(
            CultureInfo.InvariantCulture, $"{HostRoutes.Output(id, command)}?offset={offset}&stream=stdout&follow={follow}&waitSeconds={waitSeconds}");
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(Address, path)), cancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        return new OutputPage(
            bytes,
            long.Parse(Header(response, HostHeaders.NextOffset), CultureInfo.InvariantCulture),
            Header(response, HostHeaders.OutputEnd) == "true",
            Header(response, HostHeaders.OutputTruncated) == "true");
    }

    /// <summary>Writes to a command's standard input; a number that was written before is not written again.</summary>
    public Task<WriteInputReply> WriteInputAsync(InstanceId id, CommandId command, WriteInputRequest request, CancellationToken cancellationToken) =>
        PostAsync(HostRoutes.Input(id, command), request, HostsJsonContext.Default.WriteInputRequest, HostsJsonContext.Default.WriteInputReply, cancellationToken);

    /// <summary>Ends a command, its whole tree.</summary>
    public Task<HostCommand> StopCommandAsync(InstanceId id, CommandId command, StopCommandRequest request, CancellationToken cancellationToken) =>
        PostAsync(HostRoutes.StopCommand(id, command), request, HostsJsonContext.Default.StopCommandRequest, HostsJsonContext.Default.HostCommand, cancellationToken);

    /// <summary>Ends an instance and removes what it left. One that is gone already is no error.</summary>
    public async Task DestroyInstanceAsync(InstanceId id, long generation, CancellationToken cancellationToken)
    {
        var path = string.Create(CultureInfo.InvariantCulture, $"{HostRoutes.Instance(id)}?generation={generation}");
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, new Uri(Address, path)), cancellationToken);
    }

    private async Task<T> GetAsync<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, new Uri(Address, path)), cancellationToken);
        return await ReadAsync(response, type, cancellationToken);
    }

    private async Task<TReply> PostAsync<TBody, TReply>(
        string path, TBody body, JsonTypeInfo<TBody> bodyType, JsonTypeInfo<TReply> replyType, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            () => new HttpRequestMessage(HttpMethod.Post, new Uri(Address, path)) { Content = JsonContent.Create(body, bodyType) }, cancellationToken);
        return await ReadAsync(response, replyType, cancellationToken);
    }

    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        var begun = _time.GetTimestamp();
        for (var tries = 1; ; tries++)
        {
            using var limit = new CancellationTokenSource(AnswerMax, _time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            try
            {
                using var message = request();
                var response = await _http.SendAsync(message, either.Token);
                if (response.IsSuccessStatusCode)
                {
                    return response;
                }

                using (response)
                {
                    throw await RefusalAsync(response, cancellationToken);
                }
            }
            catch (Exception error) when (error is HttpRequestException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
            {
                if (tries >= TriesMax && _time.GetElapsedTime(begun) >= _patience)
                {
                    throw new HostCallException($"the host at {Address.Authority} does not answer ({error.GetType().Name})", null, null);
                }
            }

            var pause = TryAgainAfter * tries;
            await Task.Delay(pause < TryAgainAfterMax ? pause : TryAgainAfterMax, _time, cancellationToken);
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        await response.Content.ReadFromJsonAsync(type, cancellationToken) ?? throw new HostCallException("the host answered with an empty body", response.StatusCode, null);

    private async Task<HostCallException> RefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        string? code = null, detail = null;
        try
        {
            using var problem = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), default, cancellationToken);
            code = problem.RootElement.TryGetProperty("code", out var value) ? value.GetString() : null;
            detail = problem.RootElement.TryGetProperty("detail", out value) ? value.GetString() : null;
        }
        catch (JsonException)
        {
            // Not a problem document: something in between answered. The status says enough.
        }

        return new HostCallException($"the host at {Address.Authority} answered {(int)response.StatusCode} {code}: {detail ?? "no detail"}", response.StatusCode, code);
    }

    private static string Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values)
            ? values.First()
            : throw new HostCallException($"the host left out the header {name}", HttpStatusCode.BadGateway, null);
}

/// <summary>Some of a command's output.</summary>
/// <param name="Bytes">As written; a page may end within a character.</param>
/// <param name="NextOffset">Where to go on.</param>
/// <param name="End">Nothing will follow.</param>
/// <param name="Truncated">The spool left out a part, marked in the bytes.</param>
public sealed record OutputPage(byte[] Bytes, long NextOffset, bool End, bool Truncated);
