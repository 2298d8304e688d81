using System.Globalization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;
using Services.Wsl2Host.Instances;

namespace Services.Wsl2Host.Status;

/// <summary>What the host says about itself.</summary>
internal sealed class HostStatusReader(
    HostIdentity identity, InstanceKeeper instances, IInstanceDriver driver, ServiceInfo service, IOptions<Wsl2HostOptions> options)
{
    public HostStatus Read()
    {
        var settings = options.Value;
        Dictionary<string, string> labels = new(settings.Labels, StringComparer.Ordinal);
        foreach (var name in (ReadOnlySpan<string>)["os", "arch"])
        {
            if (instances.Fingerprint.Attributes.TryGetValue(name, out var value))
            {
                labels.TryAdd(name, value);
            }
        }

        return new HostStatus(
            identity.Id,
            settings.Name.Length > 0 ? settings.Name : Environment.MachineName,
            driver.Name,
            service.Version,
            instances.Fingerprint,
            new HostCapacity(
                instances.Fingerprint.Ready ? settings.MaxInstances : 0, InstanceLimitsPolicy.Defaults(settings), InstanceLimitsPolicy.Max(settings)),
            Load(),
            labels);
    }

    public IReadOnlyList<EnrolledInstance> Instances() =>
        [.. instances.All.Select(held => new EnrolledInstance(held.Id, held.Record.Owner, held.Record.Generation, held.Record.State))];

    private HostLoad Load()
    {
        var held = instances.All.ToList();
        return new HostLoad(held.Count, held.Sum(Running), LoadAverage(), MemoryAvailable());
    }

    private int Running(HeldInstance held)
    {
        try
        {
            return held.Record.State == InstanceState.Running ? driver.Commands(held.Id).Count(command => command.End is null) : 0;
        }
        catch (HostRefusal)
        {
            // It has just gone.
            return 0;
        }
    }

    private static double LoadAverage() =>
        File.Exists("/proc/loadavg") && double.TryParse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture, out var load) ? load : 0;

    private static long MemoryAvailable()
    {
        const string Key = "MemAvailable:";
        var line = File.Exists("/proc/meminfo") ? File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(Key, StringComparison.Ordinal)) : null;
        return line is not null && long.TryParse(line.AsSpan(Key.Length, line.Length - Key.Length - " kB".Length).Trim(), CultureInfo.InvariantCulture, out var kilobytes)
            ? kilobytes * 1024
            : 0;
    }
}
