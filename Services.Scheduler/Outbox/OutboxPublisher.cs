using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Microsoft.EntityFrameworkCore;
using Services.Scheduler.Loops;
using Services.Scheduler.Runs;
using Services.Scheduler.Storage;

namespace Services.Scheduler.Outbox;

/// <summary>Puts committed entries on their streams and forgets them once Redis has them. A crash in between sends an entry twice, never not at all.</summary>
internal sealed class OutboxPublisher(
    IServiceScopeFactory scopes, IStreamPublisher streams, RunSignals signals, LoopRegistry loops, TimeProvider time, ILogger<OutboxPublisher> logger)
    : Loop(TimeSpan.FromSeconds(1), signals.Outbox, loops, time, logger)
{
    private const int BatchMax = 200;
    private readonly TimeProvider _time = time;

    public override async Task<bool> PollOnceAsync(CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SchedulerDbContext>();
        return await db.Database.CreateExecutionStrategy().ExecuteAsync(async () => await PublishAsync(db, cancellationToken)) == BatchMax;
    }

    private async Task<int> PublishAsync(SchedulerDbContext db, CancellationToken cancellationToken)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var entries = await db.Outbox.FromSqlRaw(
            $"DELETE FROM scheduler.outbox WHERE id IN (SELECT id FROM scheduler.outbox ORDER BY id LIMIT {BatchMax} FOR UPDATE SKIP LOCKED) RETURNING *")
            .AsNoTracking().ToListAsync(cancellationToken);
        foreach (var stream in entries.OrderBy(entry => entry.Id).GroupBy(entry => entry.Stream))
        {
            var bodies = stream.Select(entry => (ReadOnlyMemory<byte>)JsonSerializer.SerializeToUtf8Bytes(Envelope(entry), ContractsJsonContext.Default.EventEnvelope)).ToList();
            await streams.PublishAsync(streams.Name(stream.Key), bodies, cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
        return entries.Count;
    }

    private EventEnvelope Envelope(OutboxRow entry)
    {
        using var data = JsonDocument.Parse(entry.Data);
        return new EventEnvelope(
            EnvelopeId.New(_time), entry.Id, entry.Generation, SchemaVersion: 1, entry.CreatedAt, entry.Traceparent, entry.Kind,
            new Ownership(entry.TenantId, entry.OwnerTeam, entry.CreatedBy), data.RootElement.Clone());
    }
}
