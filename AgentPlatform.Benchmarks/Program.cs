using AgentPlatform.Benchmarks.Intake;
using AgentPlatform.Benchmarks.Latency;
using AgentPlatform.Benchmarks.Throughput;

// dotnet run -c Release --project AgentPlatform.Benchmarks -- <benchmark> [options]
return args switch
{
    ["intake", .. var options] => await IntakeBenchmark.RunAsync(options),
    ["latency", .. var options] => await LatencyBenchmark.RunAsync(options),
    ["throughput", .. var options] => await ThroughputBenchmark.RunAsync(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project AgentPlatform.Benchmarks -- intake [--rounds 3] [--seconds 8] [--connections 32] [--out FILE]");
    return 2;
}
