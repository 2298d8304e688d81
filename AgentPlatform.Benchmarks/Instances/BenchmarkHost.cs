using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Commands;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Drivers.Linux;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Hosting;
using Services.Wsl2Host.Instances;

namespace AgentPlatform.Benchmarks.Instances;

/// <summary>What lies under the host's HTTP endpoints: admission, leases, records and the Linux driver. Doors open only when they are asked for, so they cost nothing here.</summary>
internal sealed class BenchmarkHost : IAsyncDisposable
{
    private const int Files = 2000;

    private readonly Wsl2HostOptions _options;
    private readonly HostDirectories _directories;

    private BenchmarkHost(string name)
    {
        _options = new Wsl2HostOptions { StateDirectory = Path.Combine(Path.GetTempPath(), name), RuntimeDirectory = Path.Combine("/dev/shm", name) };
        _directories = new HostDirectories(_options);
        var options = Options.Create(_options);
        Driver = new LinuxDriver(options, _directories, TimeProvider.System, NullLogger<LinuxDriver>.Instance);
        Instances = new InstanceKeeper(
            Driver, _directories, new EndedInstances(_directories), new NoDoors(), options, TimeProvider.System, NullLogger<InstanceKeeper>.Instance);
        Commands = new CommandRunner(Instances, Driver, options, TimeProvider.System, NullLogger<CommandRunner>.Instance);
        Checkout = new CheckoutMount(Path.Combine(_directories.Checkouts, "benchmark"), Objects: null);
    }

    public LinuxDriver Driver { get; }

    public InstanceKeeper Instances { get; }

    public CommandRunner Commands { get; }

    /// <summary>A tree of two thousand files.</summary>
    public CheckoutMount Checkout { get; }

    public static async Task<BenchmarkHost> StartAsync()
    {
        var host = new BenchmarkHost($"agentplatform-benchmark-{Guid.NewGuid():N}");
        host.Instances.Fingerprint = await host.Driver.FingerprintAsync(CancellationToken.None);
        if (!host.Instances.Fingerprint.Ready)
        {
            throw new InvalidOperationException(string.Join(' ', host.Instances.Fingerprint.Shortcomings.Select(found => found.Message)));
        }

        await host.Instances.RecoverAsync(CancellationToken.None);
        for (var i = 0; i < Files; i++)
        {
            var file = Path.Combine(host.Checkout.Tree, $"d{i % 40}", $"f{i}.txt");
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllTextAsync(file, $"{i}");
        }

        return host;
    }

    public static CreateInstanceRequest NewInstance() => new(
        InstanceId.New(TimeProvider.System),
        InstanceOwner.Of(RunId.New(TimeProvider.System)),
        Ownership.Of(ServiceNames.Scheduler),
        Generation: 1,
        LeaseSeconds: 60,
        Limits: null);

    public async Task<string> ReadAsync(InstanceId instance, CommandId command) =>
        Encoding.UTF8.GetString((await Driver.ReadAsync(instance, command, OutputStream.StandardOutput, 0, 1024, CancellationToken.None)).Bytes.Span).Trim();

    /// <summary>Makes sure that every destroyed instance is gone from the machine.</summary>
    public void MustBeEmpty()
    {
        string[] left =
        [
            .. Groups().SelectMany(Directory.EnumerateDirectories),
            .. File.ReadLines("/proc/self/mountinfo").Where(line => line.Contains(_directories.Instances, StringComparison.Ordinal)),
            .. Directory.EnumerateFileSystemEntries(_directories.Instances),
            .. Directory.EnumerateFileSystemEntries(_directories.Spools),
            .. Directory.EnumerateFiles("/run/agentplatform/users").Where(file => File.ReadAllText(file) == _directories.Runtime),
        ];
        if (left.Length > 0)
        {
            throw new InvalidOperationException($"Destroyed instances left {string.Join(", ", left)}.");
        }
    }

    /// <summary>Runs a program as the driver starts its own, which is cheaper than <see cref="System.Diagnostics.Process"/>.</summary>
    public static unsafe void RunToEnd(string[] command)
    {
        int status;
        if (Libc.WaitProcess(ProcessSpawn.Start(command, ["PATH=/usr/bin:/bin"]), &status, 0) < 0 || status != 0)
        {
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with {status}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Instances.EndAllAsync("benchmark", CancellationToken.None);
        await Driver.DisposeAsync();
        foreach (var group in Groups().ToList())
        {
            Directory.Delete(group);
        }

        Directory.Delete(_directories.Runtime, recursive: true);
        Directory.Delete(_directories.State, recursive: true);
    }

    private IEnumerable<string> Groups() =>
        Directory.EnumerateDirectories("/sys/fs/cgroup")
            .Append("/sys/fs/cgroup")
            .Select(root => Path.Combine(root, _options.CgroupParent, _directories.Key))
            .Where(Directory.Exists);

    private sealed class NoDoors : IInstanceDoors
    {
        public Task OpenAsync(InstanceRecord instance) => Task.CompletedTask;

        public Task SetAsync(InstanceId instance, NetworkPhase phase, IReadOnlyList<string> allowedHosts, SecretText? modelToken) => Task.CompletedTask;

        public bool HasModelToken(InstanceId instance) => false;

        public Task CloseAsync(InstanceId instance) => Task.CompletedTask;
    }
}
