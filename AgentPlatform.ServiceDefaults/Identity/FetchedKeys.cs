using System.Net.Http.Json;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.ServiceDefaults.Identity;

/// <summary>
/// One issuer's published keys, kept for a while. An unknown key id asks again, but not more often than a bound: anybody can write a token
/// with an unknown id. Keys that cannot be renewed are believed a little longer, so that an issuer's restart refuses nobody.
/// </summary>
internal sealed partial class FetchedKeys(string issuer, IHttpClientFactory clients, TimeProvider time, ILogger<FetchedKeys> logger) : IDisposable
{
    /// <summary>The named client that fetches.</summary>
    public const string Client = "service-keys";

    /// <summary>Where every service publishes its keys.</summary>
    public const string Path = "/.well-known/service-keys";

    /// <summary>The size of an answer that is read, in bytes.</summary>
    public const int AnswerMax = 64 * 1024;

    private static readonly TimeSpan Fresh = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan Believed = TimeSpan.FromHours(1);
    private static readonly TimeSpan BetweenAttempts = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _one = new(1, 1);
    private volatile Snapshot _current = new(new Dictionary<string, VerificationKey>(), DateTimeOffset.MinValue);
    private DateTimeOffset _attemptedAt = DateTimeOffset.MinValue;

    public async ValueTask<VerificationKey?> FindAsync(string keyId, CancellationToken cancellationToken)
    {
        var current = _current;
        if (IsWanting(current, keyId))
        {
            await RefreshAsync(keyId, cancellationToken);
            current = _current;
        }

        return time.GetUtcNow() - current.FetchedAt <= Believed ? current.Keys.GetValueOrDefault(keyId) : null;
    }

    public void Dispose() => _one.Dispose();

    private bool IsWanting(Snapshot snapshot, string keyId) => time.GetUtcNow() - snapshot.FetchedAt > Fresh || !snapshot.Keys.ContainsKey(keyId);

    private async Task RefreshAsync(string keyId, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            // Whoever waited for another's attempt takes its result.
            if (!IsWanting(_current, keyId) || time.GetUtcNow() - _attemptedAt < BetweenAttempts)
            {
                return;
            }

            _attemptedAt = time.GetUtcNow();
            using var limit = new CancellationTokenSource(AttemptLimit, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
            using var client = clients.CreateClient(Client);
            var set = await client.GetFromJsonAsync($"http://{issuer}{Path}", KeysJsonContext.Default.JsonWebKeySet, either.Token);
            _current = new Snapshot(KeySet.Of(set?.Keys ?? []), time.GetUtcNow());
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            Log.KeysNotFetched(logger, issuer, exception.GetType().Name);
        }
        finally
        {
            _one.Release();
        }
    }

    private sealed record Snapshot(IReadOnlyDictionary<string, VerificationKey> Keys, DateTimeOffset FetchedAt);

    private static partial class Log
    {
        [LoggerMessage(6201, LogLevel.Warning, "The keys of {Issuer} could not be fetched: {Fault}")]
        public static partial void KeysNotFetched(ILogger logger, string issuer, string fault);
    }
}
