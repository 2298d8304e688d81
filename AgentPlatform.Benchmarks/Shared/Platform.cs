using System.Globalization;
using System.Security.Cryptography;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>
/// The platform's own programs in Release, each a process as in production, on free ports: Webhooks, Scheduler, where wanted a host with the Linux driver,
/// and the GitHub emulator in GitHub's place. They are set up as the AppHost sets them up, but for what a benchmark says.
/// </summary>
internal sealed class Platform : IAsyncDisposable
{
    private const string AppId = "1001";

    private readonly List<(string Name, Child Child)> _programs = [];
    private readonly Dictionary<string, Uri> _addresses = [];
    private readonly Stores _stores;
    private readonly string _directory = Directory.CreateTempSubdirectory("ap-bench-host-").FullName;
    private readonly string _appKey;

    private Platform(Stores stores)
    {
        _stores = stores;
        using var key = RSA.Create(2048);
        _appKey = key.ExportRSAPrivateKeyPem();
    }

    public Uri Webhooks => _addresses["webhooks"];

    /// <summary>What was started.</summary>
    public IReadOnlyList<(string Name, Child Child)> Programs => _programs;

    public Uri Emulators => _addresses["emulators"];

    /// <summary>Starts the programs and waits until each listens.</summary>
    /// <param name="stores">Postgres and Redis, which stay the caller's.</param>
    /// <param name="host">Whether there is a host for instances.</param>
    /// <param name="settings">More settings for all programs.</param>
    public static async Task<Platform> StartAsync(Stores stores, bool host, Dictionary<string, string> settings)
    {
        var platform = new Platform(stores);
        try
        {
            string[] services = ["webhooks", "scheduler", .. host ? (string[])["wsl2host"] : [], "emulators"];
            foreach (var service in services)
            {
                platform._addresses[service] = new Uri($"http://127.0.0.1:{Child.FreePort()}");
            }

            await platform.StartAsync("emulators", "AgentPlatform.Emulators", platform.EmulatorSettings(), settings);
            await platform.StartAsync("scheduler", "Services.Scheduler", platform.StorageSettings().Concat(platform.AppSettings()).ToDictionary(), settings);
            await platform.StartAsync("webhooks", "Services.Webhooks", platform.StorageSettings(), settings);
            if (host)
            {
                await platform.StartAsync("wsl2host", "Services.Wsl2Host", platform.HostSettings(), settings);
            }

            return platform;
        }
        catch
        {
            await platform.DisposeAsync();
            throw;
        }
    }

    /// <summary>Processor time of each process so far, the stores' and this one's too.</summary>
    public IReadOnlyDictionary<string, TimeSpan> Cpu()
    {
        var cpu = _programs.ToDictionary(program => program.Name, program => program.Child.Cpu);
        cpu["postgres"] = _stores.PostgresCpu;
        cpu["redis"] = _stores.RedisCpu;
        cpu["load"] = Environment.CpuUsage.TotalTime;
        return cpu;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var (_, child) in Enumerable.Reverse(_programs))
        {
            await child.StopAsync();
            await child.DisposeAsync();
        }

        Directory.Delete(_directory, recursive: true);
    }

    private async Task StartAsync(string name, string project, Dictionary<string, string> own, Dictionary<string, string> settings)
    {
        var environment = new Dictionary<string, string>(own)
        {
            ["ASPNETCORE_URLS"] = _addresses[name].AbsoluteUri,
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["Logging__LogLevel__Default"] = "Warning",
            ["Logging__LogLevel__Microsoft.Hosting.Lifetime"] = "Information",
            ["ServiceIdentity__Secret"] = $"the identity of {name}, for the benchmark only",
        };
        foreach (var (service, address) in _addresses)
        {
            environment[$"Services__{service}__http__0"] = address.AbsoluteUri;
        }

        foreach (var (key, value) in settings)
        {
            environment[key] = value;
        }

        var program = Program(project);
        var (child, _) = await Child.StartAsync(
            ["dotnet", program], environment, Path.GetDirectoryName(program)!, line => line.Contains("Now listening on: ", StringComparison.Ordinal));
        _programs.Add((name, child));
    }

    private Dictionary<string, string> StorageSettings() => new()
    {
        ["ConnectionStrings__agentplatform"] = _stores.Postgres,
        ["ConnectionStrings__redis"] = _stores.Redis,
        ["Webhooks__GitHub__Secrets__0"] = WebhookRequest.Secret,
    };

    // Scheduler's only. Webhooks would read the deliveries that the emulator could not send from its API, which is its duty, and run them before their time.
    private Dictionary<string, string> AppSettings() => new()
    {
        ["GitHub__ApiUrl"] = $"{Emulators}github/api/v3",
        ["GitHub__GitUrl"] = $"{Emulators}github",
        ["GitHub__AppId"] = AppId,
        ["GitHub__PrivateKey"] = _appKey,
        ["GitHub__WriteSpacing"] = "00:00:00",
    };

    private Dictionary<string, string> HostSettings()
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("The Linux driver needs Linux.");
        }

        // Instances run under users of their own, who must be able to pass through.
        File.SetUnixFileMode(_directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        return new()
        {
            ["Wsl2Host__StateDirectory"] = Path.Combine(_directory, "state"),
            ["Wsl2Host__RuntimeDirectory"] = string.Create(CultureInfo.InvariantCulture, $"/run/agentplatform/bench-{Environment.ProcessId}"),
            ["Wsl2Host__CgroupParent"] = string.Create(CultureInfo.InvariantCulture, $"agentplatform-bench-{Environment.ProcessId}"),
            ["Wsl2Host__Lifeline"] = "true",
            ["Wsl2Host__Forges__github.com__GitUrl"] = $"{Emulators}github",
        };
    }

    // Without an address for webhooks the emulator records what it would have sent, and the benchmark sends it.
    private Dictionary<string, string> EmulatorSettings() => new()
    {
        ["Emulators__GitHub__AppId"] = AppId,
        ["Emulators__GitHub__AppPublicKey"] = _appKey,
        ["Emulators__GitHub__WebhookSecret"] = WebhookRequest.Secret,
        ["Emulators__GitHub__DeliveriesMax"] = "20000",
        ["Emulators__GitHub__CallsMax"] = "50000",
        ["Emulators__GitHub__RateLimits__RequestsPerHour"] = "0",
        ["Emulators__Models__ApiKey"] = "a key for the benchmark only",
        ["Logging__LogLevel__Microsoft.AspNetCore"] = "Warning",
    };

    /// <summary>Each program runs from its own output, beside this one's and of the same configuration.</summary>
    private static string Program(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var root = output.Parent!.Parent!.Parent!.Parent!.FullName;
        return Path.Combine(root, project, "bin", output.Parent.Name, output.Name, $"{project}.dll");
    }
}
