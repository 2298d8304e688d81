using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting.Running.Logs;

/// <summary>
/// Passes the console output of resources on, where that is wanted: to the app host's log (the option
/// <see cref="DistributedApplicationOptions.EnableResourceLogging"/>, as tests have it), or to its console with the resource's
/// name in a colour of its own (configuration <c>Aspire:ConsoleLogs=true</c>).
/// </summary>
internal sealed partial class ConsoleForwarder(
    IConfiguration configuration,
    IOptions<DistributedApplicationOptions> options,
    IHostEnvironment environment,
    ILoggerFactory loggers)
{
    public const string ConsoleKey = "Aspire:ConsoleLogs";

    private static readonly string[] Colours = ["36", "32", "33", "35", "34", "96", "92", "93", "95", "94"];
    private readonly bool _toConsole = bool.TryParse(configuration[ConsoleKey], out var on) && on;
    private readonly bool _toLog = options.Value.EnableResourceLogging;

    /// <summary>Passes one line on.</summary>
    public void Forward(string resourceId, ConsoleLine line)
    {
        if (_toLog)
        {
            var logger = loggers.CreateLogger($"{environment.ApplicationName}.Resources.{resourceId}");
            if (line.IsError)
            {
                Log.ErrorLineWritten(logger, line.Number, line.Text);
            }
            else
            {
                Log.LineWritten(logger, line.Number, line.Text);
            }
        }

        if (_toConsole)
        {
            Console.Out.WriteLine(Console.IsOutputRedirected ? $"{resourceId} | {line.Text}" : Coloured(resourceId, line.Text));
        }
    }

    private static string Coloured(string resourceId, string text)
    {
        // A stable choice: string.GetHashCode differs from run to run.
        var colour = Colours[resourceId.Sum(character => character) % Colours.Length];
        return $"\e[{colour}m{resourceId}\e[0m | {text}";
    }

    private static partial class Log
    {
        [LoggerMessage(8110, LogLevel.Information, "{LineNumber}: {Text}")]
        public static partial void LineWritten(ILogger logger, int lineNumber, string text);

        [LoggerMessage(8111, LogLevel.Error, "{LineNumber}: {Text}")]
        public static partial void ErrorLineWritten(ILogger logger, int lineNumber, string text);
    }
}
