using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Running.Health;

/// <summary>Runs the health checks of a resource: the ones registered in the app host's services, and HTTP requests.</summary>
internal sealed class HealthChecker(HealthCheckService checks, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan CheckMax = TimeSpan.FromSeconds(10);

    // A new connection each time: the proxy would keep an old one on the same replica for ever.
    private readonly HttpClient _http = new(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.Zero, UseProxy = false })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    /// <summary>The checks that a resource has.</summary>
    public static IReadOnlyList<string> Keys(IResource resource) =>
        [.. resource.Annotations.OfType<HealthCheckAnnotation>().Select(check => check.Key).Distinct()];

    /// <summary>Runs all checks of the resource at the same time.</summary>
    public async Task<IReadOnlyList<HealthReportSnapshot>> CheckAsync(IResource resource, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(CheckMax);
        var requests = resource.Annotations.OfType<HttpHealthCheckAnnotation>().ToList();
        var answered = requests.Select(request => AskAsync(request, limit.Token)).ToList();
        var registered = RunRegisteredAsync([.. Keys(resource).Except(requests.Select(request => request.Key))], limit.Token);
        IEnumerable<HealthReportSnapshot> reports = [.. await Task.WhenAll(answered), .. await registered];
        cancellationToken.ThrowIfCancellationRequested();

        var now = time.GetUtcNow().UtcDateTime;
        return [.. reports.Select(report => report with { LastRunAt = now })];
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();

    private async Task<IEnumerable<HealthReportSnapshot>> RunRegisteredAsync(HashSet<string> keys, CancellationToken cancellationToken)
    {
        if (keys.Count == 0)
        {
            return [];
        }

        try
        {
            var report = await checks.CheckHealthAsync(registration => keys.Contains(registration.Name), cancellationToken);
            var unknown = keys.Except(report.Entries.Keys).Select(key => Unhealthy(key, $"No health check '{key}' is registered."));
            return report.Entries.Select(entry => ToSnapshot(entry.Key, entry.Value)).Concat(unknown);
        }
        catch (OperationCanceledException)
        {
            return keys.Select(key => Unhealthy(key, $"No answer within {CheckMax.TotalSeconds} s."));
        }
        catch (Exception ex)
        {
            // A check that cannot even be made says nothing about the resource, but must not end the checking.
            return keys.Select(key => new HealthReportSnapshot(key, HealthStatus.Unhealthy, ex.Message, ex.ToString()));
        }
    }

    private async Task<HealthReportSnapshot> AskAsync(HttpHealthCheckAnnotation check, CancellationToken cancellationToken)
    {
        try
        {
            var url = new Uri(new Uri(check.Endpoint.Url), check.Path);
            using var response = await _http.GetAsync(url, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            var status = (int)response.StatusCode;
            return status == check.StatusCode
                ? new HealthReportSnapshot(check.Key, HealthStatus.Healthy, null, null)
                : Unhealthy(check.Key, $"Status {status} instead of {check.StatusCode} from {url}.");
        }
        catch (Exception ex) when (ex is HttpRequestException or IOException)
        {
            return new HealthReportSnapshot(check.Key, HealthStatus.Unhealthy, ex.Message, ex.ToString());
        }
        catch (OperationCanceledException)
        {
            return Unhealthy(check.Key, $"No answer within {CheckMax.TotalSeconds} s.");
        }
    }

    private static HealthReportSnapshot ToSnapshot(string key, HealthReportEntry entry) =>
        new(key, entry.Status, entry.Description, entry.Exception?.ToString());

    private static HealthReportSnapshot Unhealthy(string key, string description) => new(key, HealthStatus.Unhealthy, description, null);
}
