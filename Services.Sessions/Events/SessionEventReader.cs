using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using AgentPlatform.Contracts;
using Microsoft.EntityFrameworkCore;
using Services.Sessions.Storage;

namespace Services.Sessions.Events;

/// <summary>Reads the events of sessions from where they are kept.</summary>
internal sealed class SessionEventReader(IServiceScopeFactory scopes)
{
    /// <summary>Neighbours behind a sequence.</summary>
    public async Task<IReadOnlyList<EventEnvelope>> PageAsync(SessionId session, long after, int max, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<SessionsDbContext>();
        var rows = await db.SessionEvents.AsNoTracking().Where(row => row.SessionId == session && row.Sequence > after)
            .OrderBy(row => row.Sequence).Take(max).ToListAsync(cancellationToken);
        return [.. rows.Select(Envelope)];
    }

    /// <summary>The id of an event follows from its place, so that a log that is built again is the same log.</summary>
    public static EnvelopeId IdOf(SessionId session, long sequence)
    {
        Span<byte> bytes = stackalloc byte[24];
        session.Value.TryWriteBytes(bytes, bigEndian: true, out _);
        BinaryPrimitives.WriteInt64BigEndian(bytes[16..], sequence);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);

        // A UUIDv7 with the session's time: 48 bits of it, the version, the variant, the rest from the hash.
        bytes[..6].CopyTo(hash);
        hash[6] = (byte)(0x70 | (hash[6] & 0x0F));
        hash[8] = (byte)(0x80 | (hash[8] & 0x3F));
        return new EnvelopeId(new Guid(hash[..16], bigEndian: true));
    }

    private static EventEnvelope Envelope(SessionEventRow row)
    {
        using var data = JsonDocument.Parse(row.Data);
        return new EventEnvelope(
            IdOf(row.SessionId, row.Sequence), row.Sequence, 0, SchemaVersion: 1, row.Time, null, row.Kind,
            new Ownership(row.TenantId, row.OwnerTeam, row.CreatedBy), data.RootElement.Clone());
    }
}
