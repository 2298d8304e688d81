using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Streams.Redis;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Streams;

internal sealed class StreamPublisher(RedisStreams redis, IOptions<StreamsOptions> options, StreamsTelemetry telemetry) : IStreamPublisher
{
    public StreamName Name(string name) => StreamName.Create(options.Value.Environment, name);

    public async Task<string> PublishAsync(StreamName stream, EventEnvelope envelope, CancellationToken cancellationToken)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(envelope, ContractsJsonContext.Default.EventEnvelope);
        return (await PublishAsync(stream, [body], cancellationToken).ConfigureAwait(false))[0];
    }

    public async Task<IReadOnlyList<string>> PublishAsync(StreamName stream, IReadOnlyList<ReadOnlyMemory<byte>> envelopes, CancellationToken cancellationToken)
    {
        if (envelopes.Count == 0)
        {
            return [];
        }

        var ids = await redis.AddAsync(stream, envelopes, cancellationToken).ConfigureAwait(false);
        telemetry.Published(stream, ids.Count);
        return ids;
    }

    public Task<long> LengthAsync(StreamName stream, CancellationToken cancellationToken) => redis.LengthAsync(stream.Key, cancellationToken);

    public async Task<long> TrimAcknowledgedAsync(StreamName stream, CancellationToken cancellationToken) =>
        (long)await redis.EvaluateAsync(Scripts.TrimAcknowledged, [stream.Key], [], cancellationToken).ConfigureAwait(false);
}
