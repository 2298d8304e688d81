using Microsoft.Extensions.Logging;

namespace AgentPlatform.Streams;

internal sealed partial class EntryProcessor
{
    [LoggerMessage(6111, LogLevel.Warning, "Consumer {Consumer} failed at entry {EntryId} (one of {Count}), attempt {Failures} here, outage: {Outage}")]
    private static partial void LogAttemptFailed(ILogger logger, string consumer, string entryId, int count, int failures, bool outage, Exception exception);

    [LoggerMessage(6112, LogLevel.Error, "Consumer {Consumer} gave up entry {EntryId} after {Deliveries} deliveries: {Cause}")]
    private static partial void LogDeadLettered(ILogger logger, string consumer, string entryId, int deliveries, string cause);

    [LoggerMessage(6113, LogLevel.Warning, "Consumer {Consumer} could not hand back {Count} entries; they are taken over later")]
    private static partial void LogNotHandedBack(ILogger logger, string consumer, int count, Exception exception);
}
