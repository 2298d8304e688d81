using System.Globalization;
using System.Text.Json.Nodes;
using AgentPlatform.Benchmarks.Shared;
using AgentPlatform.Contracts;
using AgentPlatform.Streams;

namespace AgentPlatform.Benchmarks.Intake;

/// <summary>
/// Durable intake beside <c>@octokit/webhooks</c> on Node, which verifies and parses but stores nothing: the same real payload, the same load, in turns on the same machine.
/// </summary>
internal static class IntakeBenchmark
{
    private const string PeerVersion = "14.2.0";
    private const string ExamplesVersion = "7.6.1";
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync(string[] options)
    {
        var rounds = Options.Number(options, "--rounds", 3);
        var seconds = Options.Number(options, "--seconds", 8);
        var connections = Options.Number(options, "--connections", 32);
        var directory = Directory.CreateTempSubdirectory("ap-bench-node-").FullName;
        try
        {
            var payload = await InstallPeerAsync(directory);
            await using var stores = await Stores.StartAsync();
            var (peer, peerLine) = await StartPeerAsync(directory);
            await using var peerProcess = peer;
            var (service, serviceLine) = await StartServiceAsync(stores);
            await using var serviceProcess = service;
            var ports = (Peer: Port(peerLine), Ours: Port(serviceLine));

            var report = new IntakeReport(payload.ToJsonString().Length, connections, seconds, (int)WarmUp.TotalSeconds);
            var signer = new Signer(payload);
            LoadRun.Run(ports.Peer, signer.Next(WarmUp), connections, WarmUp, 200);
            var stored = LoadRun.Run(ports.Ours, signer.Next(WarmUp), connections, WarmUp, 202).Count;
            for (var round = 0; round < rounds; round++)
            {
                var time = TimeSpan.FromSeconds(seconds);
                var (peerLoad, load) = (signer.Next(time), signer.Next(time));
                var peerCpu = peer.Cpu;
                var peerResult = LoadRun.Run(ports.Peer, peerLoad, connections, time, 200);
                peerCpu = peer.Cpu - peerCpu;
                var cpu = new IntakeCpu(service.Cpu, stores.PostgresCpu, stores.RedisCpu);
                var result = LoadRun.Run(ports.Ours, load, connections, time, 202);
                cpu = new IntakeCpu(service.Cpu - cpu.Service, stores.PostgresCpu - cpu.Postgres, stores.RedisCpu - cpu.Redis);
                stored += result.Count;

                // Nobody reads here, so the stream would grow as it never does: with a reader, what is acknowledged is taken off.
                await stores.EmptyAsync(StreamName.Create("development", IntakeStreams.Intake));
                report.Add(peerResult, peerCpu, result, cpu);
            }

            await IntakeReport.CheckAsync(stores.Postgres, stored);
            return await report.PublishAsync(stores.Postgres, Options.Text(options, "--out"));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task<JsonNode> InstallPeerAsync(string directory)
    {
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Intake", "octokit-server.mjs"), Path.Combine(directory, "server.mjs"));
        await File.WriteAllTextAsync(Path.Combine(directory, "package.json"), """{"private":true}""");
        await Child.RunAsync(["npm", "install", "--no-audit", "--no-fund", "--no-save", $"@octokit/webhooks@{PeerVersion}", $"@octokit/webhooks-examples@{ExamplesVersion}"], directory);
        var examples = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(directory, "node_modules/@octokit/webhooks-examples/api.github.com/index.json")))!;
        return examples.AsArray().Single(example => example!["name"]!.GetValue<string>() == "pull_request")!["examples"]!.AsArray()
            .First(example => example!["action"]!.GetValue<string>() == "opened")!.DeepClone();
    }

    private static Task<(Child Child, string Line)> StartPeerAsync(string directory) => Child.StartAsync(
        ["node", "server.mjs"], new() { ["WEBHOOK_SECRET"] = SignedDeliveries.Secret, ["NODE_ENV"] = "production" }, directory, line => line.StartsWith("listening ", StringComparison.Ordinal));

    private static Task<(Child Child, string Line)> StartServiceAsync(Stores stores) => Child.StartAsync(
        ["dotnet", Path.Combine(AppContext.BaseDirectory, "Services.Webhooks.dll")],
        new()
        {
            ["ASPNETCORE_URLS"] = "http://127.0.0.1:0",
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["DOTNET_CONTENTROOT"] = AppContext.BaseDirectory,
            ["Logging__LogLevel__Default"] = "Warning",
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
            ["ConnectionStrings__agentplatform"] = stores.Postgres,
            ["ConnectionStrings__redis"] = stores.Redis,
            ["ServiceIdentity__Secret"] = "an identity for the benchmark only",
            ["Webhooks__GitHub__Secrets__0"] = SignedDeliveries.Secret,

            // Nobody consumes here: everything is published once, and nothing is repeated because nobody acknowledged it.
            ["Webhooks__Publishing__RepublishAfter"] = "01:00:00",
            ["Webhooks__Publishing__RepublishAfterMax"] = "01:00:00",
            ["Webhooks__Publishing__BacklogMax"] = "1000000",
        },
        AppContext.BaseDirectory,
        line => line.Contains("Now listening on: ", StringComparison.Ordinal));

    private static int Port(string line) => int.Parse(line.AsSpan(line.LastIndexOfAny([':', ' ']) + 1), CultureInfo.InvariantCulture);

    /// <summary>Signs enough deliveries for a run, none twice.</summary>
    private sealed class Signer(JsonNode payload)
    {
        private const int PerSecondMax = 30_000;
        private int _signed;

        public SignedDeliveries Next(TimeSpan duration)
        {
            var count = (int)(duration.TotalSeconds * PerSecondMax);
            var deliveries = SignedDeliveries.Sign(payload, _signed, count);
            _signed += count;
            return deliveries;
        }
    }
}
