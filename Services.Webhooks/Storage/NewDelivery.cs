using System.Buffers;
using System.IO.Compression;
using AgentPlatform.Contracts;
using Services.Webhooks.Payloads;
using Services.Webhooks.Receiving;

namespace Services.Webhooks.Storage;

/// <summary>A verified delivery on its way into the database. It keeps its own compressed copy of the body, in a rented buffer.</summary>
internal sealed class NewDelivery : IDisposable
{
    private const int LoginMax = 100;

    private readonly byte[] _compressed;
    private readonly int _compressedLength;

    private NewDelivery(byte[] compressed, int compressedLength) => (_compressed, _compressedLength) = (compressed, compressedLength);

    public required DeliveryId Id { get; init; }

    public required Guid DeliveryGuid { get; init; }

    public required string Event { get; init; }

    public required PayloadFormat Format { get; init; }

    public required DeliverySource Source { get; init; }

    public required PayloadFacts Facts { get; init; }

    /// <summary>See <see cref="Receiving.BodyHash"/>.</summary>
    public required byte[] BodyHash { get; init; }

    public required int BodyLength { get; init; }

    public required DateTimeOffset ArrivedAt { get; init; }

    public required string? Traceparent { get; init; }

    /// <summary>The body, deflated.</summary>
    public ReadOnlyMemory<byte> Body => _compressed.AsMemory(0, _compressedLength);

    /// <summary>Who caused it.</summary>
    public string CreatedBy => Facts.Sender is { Length: <= LoginMax } login ? $"github:{login}" : $"service:{ServiceNames.Webhooks}";

    /// <summary>Compresses a body.</summary>
    public static NewDelivery Create(
        TimeProvider time, Guid guid, string name, PayloadFormat format, DeliverySource source, ReadOnlySpan<byte> body, byte[] bodyHash, PayloadFacts facts, string? traceparent)
    {
        // Deflate at its fastest beats its rivals here in time, and a payload, which repeats itself, still shrinks to an eighth.
        var compressed = new BufferStream(ArrayPool<byte>.Shared.Rent(body.Length / 4 + 256));
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Fastest, leaveOpen: true))
        {
            deflate.Write(body);
        }

        return new NewDelivery(compressed.Buffer, (int)compressed.Length)
        {
            Id = DeliveryId.New(time),
            DeliveryGuid = guid,
            Event = name,
            Format = format,
            Source = source,
            Facts = facts,
            BodyHash = bodyHash,
            BodyLength = body.Length,
            ArrivedAt = time.GetUtcNow(),
            Traceparent = traceparent,
        };
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(_compressed);
}
