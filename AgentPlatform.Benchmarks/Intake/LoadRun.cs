using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using AgentPlatform.Benchmarks.Shared;

namespace AgentPlatform.Benchmarks.Intake;

/// <summary>
/// A closed loop: each connection sends a delivery, waits for its answer, and sends the next. One thread and plain sockets, because load and
/// service share the machine: what the load costs, the service does not get.
/// </summary>
internal static class LoadRun
{
    private const int SendBufferSize = 256 * 1024;
    private const int AnswerMax = 8 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Sends deliveries until the time is over.</summary>
    /// <param name="port">The server, on loopback.</param>
    /// <param name="deliveries">What to send; each once.</param>
    /// <param name="connections">How many at a time.</param>
    /// <param name="duration">For how long.</param>
    /// <param name="status">The only status that counts as an answer.</param>
    public static LoadResult Run(int port, SignedDeliveries deliveries, int connections, TimeSpan duration, int status)
    {
        var open = Enumerable.Range(0, connections).Select(_ => new Connection(port)).ToDictionary(connection => connection.Socket);
        var request = new byte[deliveries.RequestLength];
        var latencies = new List<double>(deliveries.Count);
        var busy = new List<Socket>(connections);
        var next = 0;
        var cpu = Environment.CpuUsage.TotalTime;
        var started = Stopwatch.GetTimestamp();
        foreach (var connection in open.Values)
        {
            deliveries.WriteRequest(next++, request);
            connection.Send(request);
        }

        for (var waiting = connections; waiting > 0;)
        {
            busy.Clear();
            busy.AddRange(open.Keys);
            Socket.Select(busy, null, null, Patience);
            if (busy.Count == 0)
            {
                throw new TimeoutException("The server does not answer.");
            }

            foreach (var connection in busy.Select(socket => open[socket]))
            {
                if (!connection.Receive(status, out var latency))
                {
                    continue;
                }

                latencies.Add(latency.TotalMilliseconds);
                if (Stopwatch.GetElapsedTime(started) < duration)
                {
                    deliveries.WriteRequest(next++, request);
                    connection.Send(request);
                }
                else
                {
                    waiting--;
                }
            }
        }

        var elapsed = Stopwatch.GetElapsedTime(started);
        cpu = Environment.CpuUsage.TotalTime - cpu;
        foreach (var connection in open.Values)
        {
            connection.Socket.Dispose();
        }

        var sorted = latencies.Order().ToArray();
        return new LoadResult(sorted.Length, sorted.Length / elapsed.TotalSeconds, At(sorted, 0.50), At(sorted, 0.99), sorted[^1], cpu);
    }

    private static double At(double[] sorted, double share) => sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))];

    /// <summary>One of the connections, with its answer as far as it has come.</summary>
    private sealed class Connection
    {
        private readonly byte[] _answer = new byte[AnswerMax];
        private int _length;
        private long _sent;

        public Connection(int port)
        {
            // The whole request fits into the kernel's buffer, so sending never waits for the server.
            Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, SendBufferSize = SendBufferSize };
            Socket.Connect(IPAddress.Loopback, port);
        }

        public Socket Socket { get; }

        public void Send(byte[] request)
        {
            _length = 0;
            _sent = Stopwatch.GetTimestamp();
            for (var written = 0; written < request.Length;)
            {
                written += Socket.Send(request.AsSpan(written));
            }
        }

        /// <summary>Takes what has come; true when that completes the answer.</summary>
        public bool Receive(int status, out TimeSpan latency)
        {
            var read = Socket.Receive(_answer.AsSpan(_length));
            latency = Stopwatch.GetElapsedTime(_sent);
            if (read == 0)
            {
                throw new IOException("The server ended the connection.");
            }

            _length += read;
            return HttpAnswer.IsWhole(_answer.AsSpan(0, _length), status);
        }
    }
}

/// <summary>What a run measured.</summary>
/// <param name="Count">Deliveries answered.</param>
/// <param name="PerSecond">Deliveries answered in a second.</param>
/// <param name="Median">Half of the answers came within this many milliseconds.</param>
/// <param name="P99">99 of 100 answers came within this many milliseconds.</param>
/// <param name="Max">All answers came within this many milliseconds.</param>
/// <param name="Cpu">Processor time of the load itself.</param>
internal sealed record LoadResult(int Count, double PerSecond, double Median, double P99, double Max, TimeSpan Cpu);
