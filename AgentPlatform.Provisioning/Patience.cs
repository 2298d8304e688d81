using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Provisioning;

/// <summary>Waits for servers that are still starting, for a bounded time.</summary>
internal sealed partial class Patience(IOptions<ProvisioningOptions> options, TimeProvider time, ILogger<Patience> logger)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Tries until it works.</summary>
    /// <param name="server">What is waited for, for a person.</param>
    /// <param name="attempt">One attempt.</param>
    /// <param name="isTransient">Whether a failure may pass by itself.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="ProvisioningException">It failed for good, or the time is over.</exception>
    public async Task<T> WaitAsync<T>(
        string server, Func<CancellationToken, Task<T>> attempt, Func<Exception, bool> isTransient, CancellationToken cancellationToken)
    {
        var began = time.GetTimestamp();
        for (var said = false; ; said = true)
        {
            try
            {
                return await attempt(cancellationToken);
            }
            catch (Exception fault) when (!cancellationToken.IsCancellationRequested)
            {
                if (!isTransient(fault))
                {
                    throw new ProvisioningException($"{server} refused: {fault.Message}", fault);
                }

                if (time.GetElapsedTime(began) >= options.Value.Patience)
                {
                    throw new ProvisioningException($"{server} did not answer within {options.Value.Patience.TotalSeconds:0} s: {fault.Message}", fault);
                }

                if (!said)
                {
                    Log.Waiting(logger, server);
                }
            }

            await Task.Delay(Pause, time, cancellationToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6402, LogLevel.Information, "{Server} does not answer yet")]
        public static partial void Waiting(ILogger logger, string server);
    }
}
