using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Google.Protobuf;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// gRPC's message framing (the "Length-Prefixed-Message" of the gRPC over HTTP/2 specification): one flag byte that says
/// whether the message is compressed, its length as four big-endian bytes, the message.
/// </summary>
internal static class GrpcFraming
{
    public const string ContentType = "application/grpc";

    /// <summary>The longest message taken, in bytes. What a dashboard asks is a few names.</summary>
    public const int RequestBytesMax = 64 * 1024;

    private const int PrefixBytes = 5;

    /// <summary>Reads the one message of a call that is not a stream of them.</summary>
    /// <exception cref="GrpcStatusException">There is no whole message, it is compressed, or longer than <see cref="RequestBytesMax"/>.</exception>
    public static async Task<TMessage> ReadAsync<TMessage>(PipeReader reader, MessageParser<TMessage> parser, CancellationToken cancellationToken)
        where TMessage : IMessage<TMessage>
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (TryParse(result.Buffer, parser, out var message, out var consumed))
            {
                reader.AdvanceTo(consumed);
                return message;
            }

            if (result.IsCompleted)
            {
                throw new GrpcStatusException(GrpcStatus.Internal, "The request ended before its message did.");
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    /// <summary>Writes one message and waits until the reader has room for more, which is what holds a fast source back.</summary>
    public static async Task WriteAsync(PipeWriter writer, IMessage message, CancellationToken cancellationToken)
    {
        var length = message.CalculateSize();
        var frame = writer.GetMemory(PrefixBytes + length);
        frame.Span[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(frame.Span[1..], length);
        message.WriteTo(frame.Span.Slice(PrefixBytes, length));
        writer.Advance(PrefixBytes + length);
        await writer.FlushAsync(cancellationToken);
    }

    private static bool TryParse<TMessage>(ReadOnlySequence<byte> buffer, MessageParser<TMessage> parser, out TMessage message, out SequencePosition consumed)
        where TMessage : IMessage<TMessage>
    {
        message = default!;
        consumed = buffer.Start;
        if (buffer.Length < PrefixBytes)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixBytes];
        buffer.Slice(0, PrefixBytes).CopyTo(prefix);
        if (prefix[0] != 0)
        {
            throw new GrpcStatusException(GrpcStatus.Unimplemented, "Compressed requests are not taken.");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[1..]);
        if (length > RequestBytesMax)
        {
            throw new GrpcStatusException(GrpcStatus.ResourceExhausted, $"A request may be {RequestBytesMax} bytes long.");
        }

        if (buffer.Length < PrefixBytes + length)
        {
            return false;
        }

        var body = buffer.Slice(PrefixBytes, length);
        consumed = body.End;
        try
        {
            message = parser.ParseFrom(body);
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw new GrpcStatusException(GrpcStatus.Internal, "The request is not the message that this call takes.", exception);
        }

        return true;
    }
}
