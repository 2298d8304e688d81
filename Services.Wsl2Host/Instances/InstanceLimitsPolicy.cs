using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Instances;

/// <summary>What an instance gets: what was asked for, the host's default for what was not, and never more than the host allows.</summary>
internal static class InstanceLimitsPolicy
{
    public static InstanceLimits Defaults(Wsl2HostOptions options) => Of(options.Default, options.InstanceLife);

    public static InstanceLimits Max(Wsl2HostOptions options) => Of(options.Max, options.InstanceLifeMax);

    public static InstanceLimits Fill(InstanceLimits? asked, Wsl2HostOptions options)
    {
        var (defaults, max) = (Defaults(options), Max(options));
        return new InstanceLimits(
            Positive(asked?.MemoryBytes ?? defaults.MemoryBytes, max.MemoryBytes, nameof(InstanceLimits.MemoryBytes)),
            (int?)Positive(asked?.CpuMillis ?? defaults.CpuMillis, max.CpuMillis, nameof(InstanceLimits.CpuMillis)),
            (int?)Positive(asked?.ProcessesMax ?? defaults.ProcessesMax, max.ProcessesMax, nameof(InstanceLimits.ProcessesMax)),
            Positive(asked?.DiskBytes ?? defaults.DiskBytes, max.DiskBytes, nameof(InstanceLimits.DiskBytes)),
            (int?)Positive(asked?.LifeSeconds ?? defaults.LifeSeconds, max.LifeSeconds, nameof(InstanceLimits.LifeSeconds)));
    }

    public static InstanceSpec Spec(InstanceRecord record) => new(
        record.Id,
        record.Limits.MemoryBytes!.Value,
        record.Limits.CpuMillis!.Value,
        record.Limits.ProcessesMax!.Value,
        record.Limits.DiskBytes!.Value);

    private static long? Positive(long? asked, long? max, string name) =>
        asked > 0 ? Math.Min(asked.Value, max!.Value) : throw HostRefusal.Invalid($"limits.{char.ToLowerInvariant(name[0])}{name[1..]} must be more than 0.");

    private static InstanceLimits Of(InstanceShare share, TimeSpan life) =>
        new(share.MemoryBytes, share.CpuMillis, share.ProcessesMax, share.DiskBytes, (int)life.TotalSeconds);
}
