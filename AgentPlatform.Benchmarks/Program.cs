using AgentPlatform.Benchmarks.Instances;
using AgentPlatform.Benchmarks.Intake;
using AgentPlatform.Benchmarks.Latency;
using AgentPlatform.Benchmarks.Throughput;

// `./dev bench [name…]`, or dotnet run -c Release --project AgentPlatform.Benchmarks -- <name> [options]; `list` names them.
var benchmarks = new Dictionary<string, (string Options, Func<string[], Task<int>> RunAsync)>
{
    ["intake"] = ("[--rounds 3] [--seconds 8] [--connections 32] [--out FILE]", IntakeBenchmark.RunAsync),
    ["instance"] = ("[--count 300] [--out FILE]", InstanceBenchmark.RunAsync),
    ["latency"] = ("[--runs 100] [--warm-up 60] [--out FILE]", LatencyBenchmark.RunAsync),
    ["throughput"] = ("[--runs 1000] [--warm-up 300] [--connections 32] [--jobs 5000] [--out FILE]", ThroughputBenchmark.RunAsync),
};

if (args is ["list"])
{
    Console.WriteLine(string.Join('\n', benchmarks.Keys));
    return 0;
}

if (args is [var name, .. var options] && benchmarks.TryGetValue(name, out var benchmark))
{
    return await benchmark.RunAsync(options);
}

Console.Error.WriteLine("usage: dotnet run -c Release --project AgentPlatform.Benchmarks -- NAME [OPTION…]");
foreach (var (known, (described, _)) in benchmarks)
{
    Console.Error.WriteLine($"  {known} {described}");
}

return 2;
