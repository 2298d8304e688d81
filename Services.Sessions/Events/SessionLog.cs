using System.Text.Json;
using System.Text.Json.Serialization;
using AgentPlatform.Contracts;
using AgentPlatform.Streams;
using Npgsql;
using NpgsqlTypes;
using Microsoft.EntityFrameworkCore;
using Services.Sessions.Agents;
using Services.Sessions.Storage;

namespace Services.Sessions.Events;

/// <summary>
/// Writes the numbered events of a session: to Postgres, and then to the log in Redis that readers follow. Numbers follow from the
/// agent's output alone, so writing an event again, after a restart, changes nothing.
/// </summary>
internal sealed class SessionLog(IServiceScopeFactory scopes, IEventLogs logs, SessionNews news, TimeProvider time)
{
    public async Task AppendAsync(SessionId session, Ownership owner, long firstSequence, IReadOnlyList<AgentEvent> events, CancellationToken cancellationToken)
    {
        if (events.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        var data = events.Select(item => JsonSerializer.Serialize(item.Map(Redactor.Redact), AgentEventJsonContext.Default.AgentEvent)).ToArray();
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        await db.Database.ExecuteSqlRawAsync(
            """
            INSERT INTO sessions.session_events (session_id, sequence, tenant_id, owner_team, created_by, kind, data, time)
            SELECT @session, @first + n - 1, @tenant, @team, @by, kind, data::jsonb, @now
            FROM unnest(@kinds, @data) WITH ORDINALITY AS item(kind, data, n)
            ON CONFLICT DO NOTHING
            """,
            [
                new NpgsqlParameter("session", session.Value), new NpgsqlParameter("first", firstSequence), new NpgsqlParameter("tenant", owner.TenantId.Value),
                new NpgsqlParameter("team", NpgsqlDbType.Uuid) { Value = owner.OwnerTeam?.Value ?? (object)DBNull.Value }, new NpgsqlParameter("by", owner.CreatedBy),
                new NpgsqlParameter("kinds", events.Select(item => item.Kind).ToArray()), new NpgsqlParameter("data", data), new NpgsqlParameter("now", now),
            ],
            cancellationToken);
        news.Raise(session);
        await PublishAsync(session, owner, firstSequence, events, data, now, cancellationToken);
    }

    private async Task PublishAsync(
        SessionId session, Ownership owner, long first, IReadOnlyList<AgentEvent> events, string[] data, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var log = logs.Name($"session-{session.Value:N}");
        var entries = new List<ReadOnlyMemory<byte>>(events.Count);
        for (var index = 0; index < events.Count; index++)
        {
            using var document = JsonDocument.Parse(data[index]);
            var envelope = new EventEnvelope(
                SessionEventReader.IdOf(session, first + index), first + index, 0, SchemaVersion: 1, now, System.Diagnostics.Activity.Current?.Id, events[index].Kind, owner, document.RootElement.Clone());
            entries.Add(JsonSerializer.SerializeToUtf8Bytes(envelope, ContractsJsonContext.Default.EventEnvelope));
        }

        var result = await logs.AppendAsync(log, first, entries, cancellationToken);
        if (result.IsGap)
        {
            // Redis was emptied, or came back older: Postgres holds everything before these, so the log goes on here.
            await logs.RebaseAsync(log, first - 1, cancellationToken);
            await logs.AppendAsync(log, first, entries, cancellationToken);
        }
    }
}

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(AgentEvent))]
internal sealed partial class AgentEventJsonContext : JsonSerializerContext;
