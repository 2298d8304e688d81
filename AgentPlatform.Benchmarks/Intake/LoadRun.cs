using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AgentPlatform.Benchmarks.Shared;

namespace AgentPlatform.Benchmarks.Intake;

/// <summary>A closed loop: each connection sends a delivery, waits for its answer, and sends the next.</summary>
internal static class LoadRun
{
    /// <summary>Sends deliveries until the time is over or none is left.</summary>
    /// <param name="port">The server, on loopback.</param>
    /// <param name="deliveries">What to send; each once.</param>
    /// <param name="connections">How many at a time.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="status">The only status that counts as an answer.</param>
    public static async Task<LoadResult> RunAsync(int port, SignedDeliveries deliveries, int connections, TimeSpan duration, int status)
    {
        var next = -1;
        var started = Stopwatch.GetTimestamp();
        var latencies = await Task.WhenAll(Enumerable.Range(0, connections).Select(_ => Task.Run(async () =>
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(IPAddress.Loopback, port);
            var request = new byte[deliveries.RequestLength];
            var answer = new byte[8 * 1024];
            var seen = new List<double>(16 * 1024);
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                var index = Interlocked.Increment(ref next);
                if (index >= deliveries.Count)
                {
                    throw new InvalidOperationException("Too few deliveries were signed for this machine.");
                }

                deliveries.WriteRequest(index, request);
                var sent = Stopwatch.GetTimestamp();
                for (var written = 0; written < request.Length;)
                {
                    written += await socket.SendAsync(request.AsMemory(written));
                }

                await HttpAnswer.ReadAsync(socket, answer, status);
                seen.Add(Stopwatch.GetElapsedTime(sent).TotalMilliseconds);
            }

            return seen;
        })));
        var elapsed = Stopwatch.GetElapsedTime(started);
        var sorted = latencies.SelectMany(seen => seen).Order().ToArray();
        return new LoadResult(sorted.Length, sorted.Length / elapsed.TotalSeconds, At(sorted, 0.50), At(sorted, 0.99), sorted[^1]);
    }

    private static double At(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];
}

/// <summary>What a run measured.</summary>
/// <param name="Count">Deliveries answered.</param>
/// <param name="PerSecond">Deliveries answered in a second.</param>
/// <param name="Median">Half of the answers came within this many milliseconds.</param>
/// <param name="P99">99 of 100 answers came within this many milliseconds.</param>
/// <param name="Max">All answers came within this many milliseconds.</param>
internal sealed record LoadResult(int Count, double PerSecond, double Median, double P99, double Max);
