using System.IO.Compression;
using Services.Webhooks.Payloads;
using Services.Webhooks.Receiving;

namespace Services.Webhooks.Storage;

/// <summary>Gives a stored body back as it was sent, and what was in it.</summary>
internal static class DeliveryBody
{
    /// <summary>The body as it was sent.</summary>
    public static byte[] Inflate(byte[] compressed, int length)
    {
        var body = new byte[length];
        using var inflate = new DeflateStream(new MemoryStream(compressed, writable: false), CompressionMode.Decompress);
        inflate.ReadExactly(body);
        return body;
    }

    /// <summary>The JSON within a body.</summary>
    public static ReadOnlyMemory<byte> Payload(byte[] body, PayloadFormat format)
    {
        if (format == PayloadFormat.Json)
        {
            return body;
        }

        var payload = new byte[body.Length];
        return FormPayload.TryDecode(body, payload, out var written) ? payload.AsMemory(0, written) : ReadOnlyMemory<byte>.Empty;
    }

    /// <summary>The facts of a row's payload. They were read when it was stored, so they can be read again, unless the row was damaged since.</summary>
    /// <exception cref="InvalidDataException">They cannot be read.</exception>
    public static PayloadFacts Facts(DeliveryRow row)
    {
        try
        {
            return PayloadScanner.Scan(Payload(Inflate(row.Body, row.BodyLength), row.Format).Span) ?? throw new InvalidDataException("it is no JSON object");
        }
        catch (Exception error) when (error is InvalidDataException or EndOfStreamException or OverflowException)
        {
            throw new InvalidDataException($"The stored payload of {row.Id} cannot be read ({error.Message}).", error);
        }
    }
}
