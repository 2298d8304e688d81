using System.Collections.Concurrent;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Streams.Redis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.Streams;

/// <summary>
/// Takes each entry from its delivery to its end: acknowledged after the handler returned, tried again after a pause, or given up.
/// Handler calls are bounded by slots; an entry that waits holds none.
/// </summary>
internal sealed partial class EntryProcessor : IDisposable
{
    private static readonly TimeSpan HandedBack = TimeSpan.FromDays(1);

    private readonly StreamConsumerSetup _setup;
    private readonly StreamConsumerOptions _options;
    private readonly RedisStreams _redis;
    private readonly IServiceScopeFactory _scopes;
    private readonly StreamsTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _slots;
    private readonly HeldEntries _held = new();
    private readonly ConcurrentDictionary<Task, bool> _runs = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly CancellationTokenSource _stopped = new();
    private int _refused;

    public EntryProcessor(
        StreamConsumerSetup setup, RedisStreams redis, IServiceScopeFactory scopes, StreamsTelemetry telemetry, TimeProvider time, ILogger<EntryProcessor> logger)
    {
        (_setup, _options, _redis, _scopes, _telemetry, _time, _logger) = (setup, setup.Options, redis, scopes, telemetry, time, logger);
        _slots = new SemaphoreSlim(_options.ConcurrencyMax);
    }

    /// <summary>Takes every free slot. With none, or with too many entries waiting, the signal given to <see cref="Start"/> is raised once there is room.</summary>
    public int TryReserve()
    {
        var room = 0;
        if (_held.Waiting < _options.WaitingMax)
        {
            while (_slots.Wait(0))
            {
                room++;
            }
        }

        if (room == 0)
        {
            Volatile.Write(ref _refused, 1);
        }

        return room;
    }

    /// <summary>Starts work on entries in reserved slots and frees the slots that were not needed.</summary>
    public void Start(IReadOnlyList<RawEntry> entries, int reserved, Signal signal)
    {
        var fresh = entries.Where(entry => _held.TryHold(entry.Id)).ToList();
        foreach (var batch in fresh.Chunk(_options.BatchMax))
        {
            reserved--;
            Track(RunRawAsync(batch, new Slot(this, signal, taken: true)));
        }

        for (; reserved > 0; reserved--)
        {
            Free(signal);
        }
    }

    /// <summary>Keeps what is in hand from being taken over. Returns how many entries are still ours.</summary>
    public async Task<long> RenewAsync(CancellationToken cancellationToken)
    {
        var ids = _held.Ids;
        return ids.Count == 0
            ? 0
            : await _redis.SetIdleAsync(_setup.Stream, _setup.Group, _setup.Consumer, TimeSpan.Zero, ids, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends waits at once, lets handlers finish for the grace, then cancels them, and hands back what is left so that others need not wait for it.</summary>
    public async Task StopAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        var runs = Task.WhenAll(_runs.Keys);
        await ((Task)Task.WhenAny(runs, Task.Delay(_options.StopGrace, _time))).ConfigureAwait(false);
        await _stopped.CancelAsync().ConfigureAwait(false);
        await runs.ConfigureAwait(false);

        var ids = _held.Ids;
        if (ids.Count == 0)
        {
            return;
        }

        try
        {
            await _redis.SetIdleAsync(_setup.Stream, _setup.Group, _setup.Consumer, HandedBack, ids, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Others take the entries over all the same, once they have been idle for long enough.
            LogNotHandedBack(_logger, _setup.Name, ids.Count, exception);
        }
    }

    public void Dispose()
    {
        _slots.Dispose();
        _ending.Dispose();
        _stopped.Dispose();
    }

    private async Task RunRawAsync(RawEntry[] raw, Slot slot)
    {
        using (slot)
        {
            var entries = new List<StreamEntry>(raw.Length);
            foreach (var entry in raw)
            {
                if (Decode(entry) is { } decoded)
                {
                    entries.Add(decoded);
                }
                else
                {
                    await BuryUnreadableAsync(entry).ConfigureAwait(false);
                }
            }

            var worn = entries.Where(entry => entry.Deliveries > _options.DeliveriesMax).ToList();
            entries.RemoveAll(worn.Contains);
            foreach (var entry in worn)
            {
                Track(RunAsync([entry], new Slot(this, slot.Signal, taken: false), $"delivered {entry.Deliveries} times and never acknowledged"));
            }

            if (entries.Count > 0)
            {
                await RunAsync(entries, slot, cause: null).ConfigureAwait(false);
            }
        }
    }

    /// <param name="entries">What to handle; one entry if there is a cause.</param>
    /// <param name="slot">A slot, taken or not.</param>
    /// <param name="cause">Why the entry is to be given up, or null to handle it.</param>
    private async Task RunAsync(IReadOnlyList<StreamEntry> entries, Slot slot, string? cause)
    {
        var failures = 0;
        var redeliver = false;
        var handled = false;
        using (slot)
        {
            while (true)
            {
                var pauseMin = TimeSpan.Zero;
                try
                {
                    await slot.TakeAsync(_ending.Token).ConfigureAwait(false);
                    if (redeliver)
                    {
                        if (await RedeliverAsync(entries[0]).ConfigureAwait(false) is not { } again)
                        {
                            _held.Release(entries[0].Id);
                            return;
                        }

                        (entries, redeliver) = ([again], false);
                    }

                    if (cause is not null)
                    {
                        await GiveUpAsync(entries[0], cause).ConfigureAwait(false);
                        return;
                    }

                    if (!handled)
                    {
                        await HandleAsync(entries).ConfigureAwait(false);
                        handled = true;
                    }

                    await AcknowledgeAsync(entries).ConfigureAwait(false);
                    return;
                }
                catch (OperationCanceledException) when (_ending.IsCancellationRequested)
                {
                    return;
                }
                catch (Exception exception)
                {
                    failures++;
                    pauseMin = _options.PauseMin(exception);
                    var outage = cause is not null || redeliver || handled || _options.IsOutage(exception);
                    _telemetry.Failed(_setup.Stream);
                    LogAttemptFailed(_logger, _setup.Name, entries[0].Id, entries.Count, failures, outage, exception);
                    if (!outage && entries.Count > 1)
                    {
                        Split(entries, slot);
                        return;
                    }

                    if (!outage)
                    {
                        cause = exception is PoisonEntryException || entries[0].Deliveries >= _options.DeliveriesMax ? Describe(exception) : null;
                        redeliver = cause is null;
                    }
                }

                if (cause is null || failures > 1)
                {
                    await PauseAsync(slot, failures, pauseMin).ConfigureAwait(false);
                }
            }
        }
    }

    private async Task HandleAsync(IReadOnlyList<StreamEntry> entries)
    {
        using var activity = StreamsTelemetry.StartHandling(_setup.Stream, _setup.Group, entries);
        _telemetry.Started(_setup.Stream, _time.GetUtcNow() - entries[0].Envelope.Time);
        try
        {
            var scope = _scopes.CreateAsyncScope();
            await using (scope.ConfigureAwait(false))
            {
                await Handler(scope).HandleAsync(entries, _stopped.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            activity?.SetStatus(System.Diagnostics.ActivityStatusCode.Error, exception.GetType().Name);
            throw;
        }
    }

    private async Task AcknowledgeAsync(IReadOnlyList<StreamEntry> entries)
    {
        await _redis.AcknowledgeAsync(_setup.Stream, _setup.Group, entries.Select(entry => entry.Id), CancellationToken.None).ConfigureAwait(false);
        foreach (var entry in entries)
        {
            _held.Release(entry.Id);
        }

        _telemetry.Handled(_setup.Stream, entries.Count);
    }

    private async Task GiveUpAsync(StreamEntry entry, string cause)
    {
        var scope = _scopes.CreateAsyncScope();
        await using (scope.ConfigureAwait(false))
        {
            await Handler(scope).OnDeadLetterAsync(entry, cause, _stopped.Token).ConfigureAwait(false);
        }

        await BuryAsync(entry.Id, entry.Deliveries, cause).ConfigureAwait(false);
    }

    private async Task BuryAsync(string id, int deliveries, string cause)
    {
        if (await _redis.BuryAsync(_setup.Stream, _setup.Group, id, cause, deliveries, CancellationToken.None).ConfigureAwait(false))
        {
            _telemetry.DeadLettered(_setup.Stream);
            LogDeadLettered(_logger, _setup.Name, id, deliveries, cause);
        }

        _held.Release(id);
    }

    private async Task BuryUnreadableAsync(RawEntry entry)
    {
        try
        {
            await BuryAsync(entry.Id, entry.Deliveries, "not an event envelope").ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // It stays pending and comes again by reclaim.
            _held.Release(entry.Id);
            LogAttemptFailed(_logger, _setup.Name, entry.Id, 1, entry.Deliveries, outage: true, exception);
        }
    }

    private async Task<StreamEntry?> RedeliverAsync(StreamEntry entry) =>
        await _redis.RedeliverAsync(_setup.Stream, _setup.Group, _setup.Consumer, entry.Id, _ending.Token).ConfigureAwait(false) is { } raw ? Decode(raw) : null;

    /// <summary>One of several failed, nobody knows which: each goes on alone.</summary>
    private void Split(IReadOnlyList<StreamEntry> entries, Slot slot)
    {
        foreach (var entry in entries)
        {
            Track(RunAsync([entry], new Slot(this, slot.Signal, taken: false), cause: null));
        }
    }

    private async Task PauseAsync(Slot slot, int failures, TimeSpan least)
    {
        slot.Dispose();
        _held.BeginWait();
        var pause = Backoff.Delay(failures, _options.RetryDelay, _options.RetryDelayMax);
        await Task.Delay(pause > least ? pause : least, _time, _ending.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _held.EndWait();
    }

    private void Track(Task run)
    {
        _runs.TryAdd(run, true);
        _ = run.ContinueWith(done => _runs.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private IStreamHandler Handler(AsyncServiceScope scope) => (IStreamHandler)scope.ServiceProvider.GetRequiredService(_setup.Handler);

    private static StreamEntry? Decode(RawEntry raw)
    {
        try
        {
            var envelope = JsonSerializer.Deserialize(raw.Body, ContractsJsonContext.Default.EventEnvelope);
            return envelope is null ? null : new StreamEntry(raw.Id, envelope, raw.Deliveries);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Describe(Exception exception)
    {
        var text = exception is PoisonEntryException ? exception.Message : $"{exception.GetType().Name}: {exception.Message}";
        return text.Length <= 300 ? text : text[..300];
    }

    private void Free(Signal signal)
    {
        _slots.Release();
        if (Interlocked.Exchange(ref _refused, 0) == 1)
        {
            signal.Raise();
        }
    }

    /// <summary>The right to one handler call, taken and given back any number of times.</summary>
    private sealed class Slot(EntryProcessor processor, Signal signal, bool taken) : IDisposable
    {
        private bool _taken = taken;

        public Signal Signal => signal;

        public async Task TakeAsync(CancellationToken cancellationToken)
        {
            if (!_taken)
            {
                await processor._slots.WaitAsync(cancellationToken).ConfigureAwait(false);
                _taken = true;
            }
        }

        public void Dispose()
        {
            if (_taken)
            {
                _taken = false;
                processor.Free(signal);
            }
        }
    }
}
