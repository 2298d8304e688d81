namespace Aspire.Hosting.Dashboard;

/// <summary>Finds out when the dashboard is there to be looked at.</summary>
internal static class DashboardProbe
{
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AttemptMax = TimeSpan.FromSeconds(5);

    /// <summary>Waits until the address answers a request, with whatever status.</summary>
    /// <returns>False when the program ended first, or after a minute.</returns>
    public static async Task<bool> AnswersAsync(string address, Task exited, TimeProvider time, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false };
        using var client = new HttpClient(handler) { Timeout = AttemptMax };

        var start = time.GetTimestamp();
        while (!exited.IsCompleted && time.GetElapsedTime(start) < StartMax)
        {
            try
            {
                using var response = await client.GetAsync(new Uri(address), HttpCompletionOption.ResponseHeadersRead, cancellationToken);
                return true;
            }
            catch (HttpRequestException exception) when (exception.HttpRequestError == HttpRequestError.SecureConnectionError)
            {
                // A development certificate that this process does not trust: somebody is there, and people have browsers.
                return true;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                await Task.WhenAny(exited, Task.Delay(Interval, time, cancellationToken));
                cancellationToken.ThrowIfCancellationRequested();
            }
        }

        return false;
    }
}
