using Microsoft.Extensions.Logging;

namespace AgentPlatform.Streams;

internal sealed partial class StreamConsumer
{
    [LoggerMessage(6101, LogLevel.Warning, "Consumer {Consumer} could not read, {Failures} times in a row")]
    private static partial void LogReadFailed(ILogger logger, string consumer, int failures, Exception exception);

    [LoggerMessage(6102, LogLevel.Warning, "Upkeep of consumer {Consumer} failed, {Failures} times in a row")]
    private static partial void LogUpkeepFailed(ILogger logger, string consumer, int failures, Exception exception);

    [LoggerMessage(6103, LogLevel.Information, "Consumer {Consumer} took over {Count} entries from silent consumers")]
    private static partial void LogReclaimed(ILogger logger, string consumer, int count);

    [LoggerMessage(6104, LogLevel.Information, "Consumer {Consumer} made its group anew, from the stream's beginning")]
    private static partial void LogGroupCreated(ILogger logger, string consumer);
}
