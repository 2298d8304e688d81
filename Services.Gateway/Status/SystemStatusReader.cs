using System.Net;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Health;

namespace Services.Gateway.Status;

/// <summary>Asks every service for its status, all at once and each for a bounded time. What does not answer is shown as such.</summary>
internal sealed partial class SystemStatusReader(
    IReadOnlyList<string> others, IHttpClientFactory clients, StatusReader own, TimeProvider time, ILogger<SystemStatusReader> logger)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(4);

    public async Task<SystemStatus> ReadAsync(CancellationToken cancellationToken)
    {
        var asked = others.Select(service => AskAsync(service, cancellationToken)).Append(own.ReadAsync(cancellationToken));
        var services = await Task.WhenAll(asked);
        return new SystemStatus(Array.TrueForAll(services, service => service.Healthy), time.GetUtcNow(), services);
    }

    private async Task<ServiceStatus> AskAsync(string service, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        try
        {
            using var client = clients.CreateClient(service);
            return await client.GetFromJsonAsync("/internal/status", ContractsJsonContext.Default.ServiceStatus, either.Token)
                ?? Silent(service, ProblemCodes.BadGateway);
        }
        catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
        {
            Log.ServiceNotReached(logger, service, fault.GetType().Name);
            return Silent(service, CodeOf(fault, limit.IsCancellationRequested));
        }
    }

    private static string CodeOf(Exception fault, bool late) => fault switch
    {
        _ when late => ProblemCodes.UpstreamTimeout,
        HttpRequestException { StatusCode: HttpStatusCode.Unauthorized } => ProblemCodes.Unauthenticated,
        HttpRequestException { StatusCode: HttpStatusCode.Forbidden } => ProblemCodes.Forbidden,
        HttpRequestException { StatusCode: null } => ProblemCodes.Unavailable,
        _ => ProblemCodes.BadGateway,
    };

    private static ServiceStatus Silent(string service, string code) => new(service, null, Healthy: false, [], code);

    private static partial class Log
    {
        [LoggerMessage(5201, LogLevel.Warning, "{Service} did not tell its status: {Fault}")]
        public static partial void ServiceNotReached(ILogger logger, string service, string fault);
    }
}
