using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

internal sealed partial class DashboardRunner
{
    private static partial class Log
    {
        [LoggerMessage(8310, LogLevel.Information, "Now listening on: {DashboardUrl}")]
        public static partial void Listening(ILogger logger, string dashboardUrl);

        [LoggerMessage(8311, LogLevel.Information, "Login to the dashboard at {DashboardLoginUrl}")]
        public static partial void LoginOffered(ILogger logger, string dashboardLoginUrl);

        [LoggerMessage(8312, LogLevel.Warning, "The Aspire dashboard is not at {Place}; `./dev setup` (or eng/install-dashboard.sh) installs it. Everything else runs.")]
        public static partial void NotInstalled(ILogger logger, string place);

        [LoggerMessage(8313, LogLevel.Warning, "The Aspire dashboard was not started: {Reason} Everything else runs.")]
        public static partial void Failed(ILogger logger, string reason);

        [LoggerMessage(8314, LogLevel.Warning, "The Aspire dashboard at {DashboardUrl} does not answer.")]
        public static partial void Silent(ILogger logger, string dashboardUrl);

        [LoggerMessage(8315, LogLevel.Warning, "The Aspire dashboard ended with exit code {ExitCode}. Its last lines:{Lines}")]
        public static partial void Ended(ILogger logger, int exitCode, string lines);

        [LoggerMessage(8316, LogLevel.Error, "The dashboard is no longer told of changes")]
        public static partial void FeedFailed(ILogger logger, Exception exception);
    }
}
