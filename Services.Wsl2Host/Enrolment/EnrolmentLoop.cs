using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Hosting;
using Services.Wsl2Host.Status;

namespace Services.Wsl2Host.Enrolment;

/// <summary>Tells Scheduler of this host, at the start and again and again. A Scheduler that is not there yet is asked again, ever more rarely.</summary>
internal sealed partial class EnrolmentLoop(
    IHttpClientFactory clients,
    HostStatusReader status,
    IServer server,
    IHostApplicationLifetime lifetime,
    IOptions<Wsl2HostOptions> options,
    TimeProvider time,
    ILogger<EnrolmentLoop> logger) : BackgroundService
{
    private static readonly TimeSpan RetryMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan AttemptTimeout = TimeSpan.FromSeconds(10);

    private bool _enrolled;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The address is known once the server listens.
        var started = new TaskCompletionSource();
        await using (lifetime.ApplicationStarted.Register(started.SetResult))
        {
            await started.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        var retry = options.Value.EnrolmentRetry;
        while (!stoppingToken.IsCancellationRequested)
        {
            TimeSpan wait;
            if (await TryEnrolAsync(stoppingToken) is { } renewAfter)
            {
                (wait, retry) = (renewAfter, options.Value.EnrolmentRetry);
            }
            else
            {
                wait = retry * (0.5 + Random.Shared.NextDouble());
                retry = TimeSpan.FromTicks(Math.Min(retry.Ticks * 2, RetryMax.Ticks));
            }

            await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Enrols once.</summary>
    /// <returns>When to do so again; null if it failed.</returns>
    internal async Task<TimeSpan?> TryEnrolAsync(CancellationToken cancellationToken)
    {
        try
        {
            using var limit = new CancellationTokenSource(AttemptTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
            var host = status.Read();
            using var answer = await clients.CreateClient(ServiceNames.Scheduler).PutAsJsonAsync(
                HostRoutes.Enrolment(host.Id), new HostEnrolment(Address(), host, status.Instances()), HostsJsonContext.Default.HostEnrolment, either.Token);
            answer.EnsureSuccessStatusCode();
            var reply = await answer.Content.ReadFromJsonAsync(HostsJsonContext.Default.HostEnrolmentReply, either.Token);
            if (!_enrolled)
            {
                LogEnrolled(host.Id, Address());
            }

            _enrolled = true;
            return TimeSpan.FromSeconds(Math.Clamp(reply?.RenewAfterSeconds ?? 10, 1, 300));
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested && failure is not (OutOfMemoryException or InvalidOperationException))
        {
            // Only the change: a Scheduler that is away for an hour is one fact.
            if (_enrolled)
            {
                LogLost(failure.Message);
            }

            _enrolled = false;
            return null;
        }
    }

    private Uri Address()
    {
        if (options.Value.AdvertisedUrl is { } advertised)
        {
            return advertised;
        }

        var listening = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost";
        var address = new UriBuilder(listening.Replace("://+", "://localhost", StringComparison.Ordinal).Replace("://*", "://localhost", StringComparison.Ordinal));
        if (address.Host is "0.0.0.0" or "[::]")
        {
            address.Host = "localhost";
        }

        return address.Uri;
    }

    [LoggerMessage(3501, LogLevel.Information, "Enrolled as {Host} at {Address}")]
    private partial void LogEnrolled(HostId host, Uri address);

    [LoggerMessage(3502, LogLevel.Warning, "Scheduler no longer answers this host: {Reason}")]
    private partial void LogLost(string reason);
}
