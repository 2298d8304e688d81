using System.Diagnostics;
using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.GitHub;
using AgentPlatform.Streams;
using Microsoft.Extensions.Options;
using Services.Webhooks.Payloads;
using Services.Webhooks.Receiving;
using Services.Webhooks.Storage;

namespace Services.Webhooks.HookDeliveries;

/// <summary>
/// Reads GitHub's own list of deliveries and takes in what is not stored here: what GitHub could not deliver, what was refused while the service was
/// away or full, and everything where GitHub cannot reach us at all. A delivery read so goes the same way as one that was sent.
/// </summary>
internal sealed partial class HookSweep(
    HookDeliveryClient github, HookSweepStore store, IntakeQueue queue, WebhookSecrets secrets, WebhooksTelemetry telemetry, LoopRegistry loops, IOptions<HookSweepOptions> options,
    IOptionsMonitor<GitHubOptions> app, TimeProvider time, ILogger<HookSweep> logger) : BackgroundService
{
    private const string PingEvent = "ping";
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);
    private static readonly ActivitySource Activities = new(WebhooksTelemetry.Source);

    private readonly HookSweepOptions _options = options.Value;
    private long _keptAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_options.Enabled || !app.CurrentValue.IsConfigured)
        {
            LogNotReading(logger);
            return;
        }

        var heartbeat = loops.Register("intake:hook-sweep", _options.PauseMax + 2 * _options.Interval + TimeSpan.FromMinutes(2));
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = _options.Interval;
            try
            {
                await SweepOnceAsync(stoppingToken);
                heartbeat.Beat();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
            catch (GitHubPauseException asked)
            {
                pause = Clamp(asked.Pause, _options.Interval, TimeSpan.FromHours(1));
                LogPaused(logger, pause);
                heartbeat.Beat();
            }
            catch (Exception exception)
            {
                var failures = heartbeat.Failed(exception);
                pause = Clamp(Backoff.Delay(failures, _options.Interval, _options.PauseMax), TimeSpan.Zero, _options.PauseMax);
                LogSweepFailed(logger, failures, exception);
            }

            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        loops.Unregister(heartbeat);
    }

    /// <summary>Goes over what is new, or on with a sweep that was too long for one turn. Returns how many deliveries were taken in.</summary>
    internal async Task<int> SweepOnceAsync(CancellationToken cancellationToken)
    {
        _keptAt = time.GetTimestamp();
        if (await store.TakeAsync($"{app.CurrentValue.Forge}/{app.CurrentValue.AppId}", cancellationToken) is not { } sweep)
        {
            return 0;
        }

        var recovered = 0;
        try
        {
            var more = true;
            for (var pages = 0; more && pages < _options.PagesMax; pages++)
            {
                (more, var taken) = await SweepPageAsync(sweep, cancellationToken);
                recovered += taken;
                await store.SaveAsync(sweep, release: false, cancellationToken);
            }

            return recovered;
        }
        finally
        {
            await store.SaveAsync(sweep, release: true, CancellationToken.None);
        }
    }

    /// <summary>Takes in one page and moves the sweep's mark behind it. Says whether there is another page to look at.</summary>
    private async Task<(bool More, int Taken)> SweepPageAsync(HookSweepRow sweep, CancellationToken cancellationToken)
    {
        var first = sweep.Cursor is null;
        var page = await github.ListAsync(sweep.Cursor, first ? sweep.Etag : null, cancellationToken);
        if (page.Items is not { Count: > 0 } items)
        {
            Finish(sweep);
            return (false, 0);
        }

        var wanted = items.TakeWhile(item => item.DeliveredAt >= From(sweep)).ToList();
        var taken = await TakeInAsync(sweep, wanted, cancellationToken);

        // Only now: were the page marked as seen before, a failure would lose it.
        if (first)
        {
            (sweep.SweepTopAt, sweep.Etag) = (items[0].DeliveredAt.ToUniversalTime(), page.Etag);
        }

        sweep.Cursor = page.Next;
        if (wanted.Count < items.Count || page.Next is null)
        {
            Finish(sweep);
            return (false, taken);
        }

        return (true, taken);
    }

    /// <summary>GitHub lists an attempt when it is over, not when it began, so the last minute before the mark is looked at again.</summary>
    private DateTimeOffset From(HookSweepRow sweep)
    {
        var oldest = time.GetUtcNow() - _options.LookBack;
        return sweep.SeenAt is { } seen && seen - Overlap > oldest ? seen - Overlap : oldest;
    }

    private static void Finish(HookSweepRow sweep) => (sweep.SeenAt, sweep.SweepTopAt, sweep.Cursor) = (sweep.SweepTopAt ?? sweep.SeenAt, null, null);

    private async Task<int> TakeInAsync(HookSweepRow sweep, IReadOnlyList<HookDeliveryItem> items, CancellationToken cancellationToken)
    {
        var known = await store.KnownAsync(items.Select(item => item.Guid).Distinct(), cancellationToken);
        var taken = 0;

        // Oldest first, as they happened. Of several attempts at one delivery any will do: they carry the same payload.
        foreach (var item in items.Reverse().Where(item => item.Event != PingEvent && known.Add(item.Guid)))
        {
            await KeepAsync(sweep, cancellationToken);
            if (!await github.ReadPayloadAsync(item.Id, payload => StoreAsync(item, payload), cancellationToken))
            {
                LogPayloadGone(logger, item.Id, item.Guid);
                continue;
            }

            taken++;
        }

        if (taken > 0)
        {
            telemetry.Recovered(taken);
            LogRecovered(logger, taken);
        }

        return taken;
    }

    /// <summary>Keeps the sweep while its payloads are read, once in a third of its lease.</summary>
    private async Task KeepAsync(HookSweepRow sweep, CancellationToken cancellationToken)
    {
        if (time.GetElapsedTime(_keptAt) >= HookSweepStore.Lease / 3)
        {
            _keptAt = time.GetTimestamp();
            await store.KeepAsync(sweep, cancellationToken);
        }
    }

    private async Task StoreAsync(HookDeliveryItem item, ReadOnlyMemory<byte> payload)
    {
        if (PayloadScanner.Scan(payload.Span) is not { } facts)
        {
            // Sent to us, it would be refused as well; it must not hold up those behind it.
            LogPayloadGone(logger, item.Id, item.Guid);
            return;
        }

        // Nobody called us, so the trace of the run begins here.
        Activity.Current = null;
        using var activity = Activities.StartActivity("recover delivery");
        var delivery = NewDelivery.Create(time, item.Guid, item.Event, PayloadFormat.Json, DeliverySource.HookApi, payload.Span, BodyHash.Of(payload.Span, secrets.Keys[0]), facts, activity?.Id);
        if (queue.TryAdd(delivery) is not { } stored)
        {
            delivery.Dispose();
            throw new IOException("There is no room for another delivery now.");
        }

        await stored;
    }

    private static TimeSpan Clamp(TimeSpan value, TimeSpan min, TimeSpan max) => value < min ? min : value > max ? max : value;

    [LoggerMessage(1041, LogLevel.Information, "Without GitHub:AppId and a key, or switched off, GitHub's list of deliveries is not read; a lost delivery stays lost until it is redelivered")]
    private static partial void LogNotReading(ILogger logger);

    [LoggerMessage(1042, LogLevel.Warning, "GitHub asks for a pause; its list of deliveries is read again in {Pause}")]
    private static partial void LogPaused(ILogger logger, TimeSpan pause);

    [LoggerMessage(1043, LogLevel.Warning, "GitHub's list of deliveries could not be read, for the {Failures}. time in a row")]
    private static partial void LogSweepFailed(ILogger logger, int failures, Exception exception);

    [LoggerMessage(1044, LogLevel.Warning, "GitHub has no usable payload for delivery {Id}, {Guid}")]
    private static partial void LogPayloadGone(ILogger logger, long id, Guid guid);

    [LoggerMessage(1045, LogLevel.Information, "{Count} deliveries were taken from GitHub's own list")]
    private static partial void LogRecovered(ILogger logger, int count);
}
