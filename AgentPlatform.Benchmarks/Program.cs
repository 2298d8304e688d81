using AgentPlatform.Benchmarks.Intake;

// dotnet run -c Release --project AgentPlatform.Benchmarks -- <benchmark> [options]
return args switch
{
    ["intake", .. var options] => await IntakeBenchmark.RunAsync(options),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: dotnet run -c Release --project AgentPlatform.Benchmarks -- intake [--rounds 3] [--seconds 8] [--connections 32] [--out FILE]");
    return 2;
}
