using System.Text.Json;
using AgentPlatform.Contracts;

namespace AgentPlatform.Tests.Contracts;

public sealed class EventEnvelopeTests
{
    private static readonly EventEnvelope Envelope = new(
        EnvelopeId.Parse("evt_0198f86c34d179f688488ca6e6f60b61"),
        Sequence: 7,
        Generation: 2,
        SchemaVersion: 1,
        new DateTimeOffset(2026, 1, 31, 14, 0, 0, TimeSpan.FromHours(2)).AddTicks(1234567),
        Traceparent: null,
        "run.admitted",
        Ownership.Of(ServiceNames.Scheduler),
        JsonSerializer.Deserialize<JsonElement>("""{"priority":1}"""));

    [Fact]
    public void AnEnvelopeIsWrittenAsDocumented() => Assert.Equal(
        """
        {"id":"evt_0198f86c34d179f688488ca6e6f60b61","sequence":7,"generation":2,"schemaVersion":1,"time":"2026-01-31T12:00:00.123456Z",
        "kind":"run.admitted","owner":{"tenantId":"ten_00000000000070008000000000000001","createdBy":"service:scheduler"},"data":{"priority":1}}
        """.ReplaceLineEndings(string.Empty),
        JsonSerializer.Serialize(Envelope, ContractsJsonContext.Default.EventEnvelope));

    [Fact]
    public void AReaderIgnoresWhatItDoesNotKnow()
    {
        var json = JsonSerializer.Serialize(Envelope, ContractsJsonContext.Default.EventEnvelope).Replace("{\"id\"", "{\"later\":[1],\"id\"", StringComparison.Ordinal);

        var read = JsonSerializer.Deserialize(json, ContractsJsonContext.Default.EventEnvelope)!;

        Assert.Equal((Envelope.Id, Envelope.Kind, Envelope.Owner), (read.Id, read.Kind, read.Owner));
        Assert.Equal(TimeSpan.Zero, read.Time.Offset);
        Assert.Equal(1, read.Data.GetProperty("priority").GetInt32());
    }
}
