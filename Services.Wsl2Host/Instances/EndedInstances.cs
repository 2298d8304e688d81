using System.Collections.Concurrent;
using System.Globalization;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Instances;

/// <summary>
/// Remembers instances that are gone, so that a call that arrives late does not bring one back. The newest few thousand are enough: a call cannot be later
/// than the lease that it was made under.
/// </summary>
/// <param name="directories">Where they are written down.</param>
internal sealed class EndedInstances(HostDirectories directories)
{
    private const int RememberedMax = 4096;

    private readonly ConcurrentDictionary<InstanceId, (long Generation, string Reason)> _ended = [];
    private readonly ConcurrentQueue<InstanceId> _order = [];

    private string Directory => Path.Combine(directories.Runtime, "ended");

    /// <summary>Reads what earlier processes wrote down.</summary>
    public void Load()
    {
        System.IO.Directory.CreateDirectory(Directory);
        foreach (var file in new DirectoryInfo(Directory).EnumerateFiles().OrderBy(file => file.LastWriteTimeUtc).ToList())
        {
            if (InstanceId.TryParse(file.Name, null, out var id)
                && File.ReadAllText(file.FullName).Split(' ', 2) is [var generation, var reason]
                && long.TryParse(generation, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                Keep(id, number, reason);
            }
        }
    }

    /// <summary>Notes an end.</summary>
    public void Add(InstanceId id, long generation, string reason)
    {
        File.WriteAllText(Path.Combine(Directory, id.ToString()), string.Create(CultureInfo.InvariantCulture, $"{generation} {reason}"));
        Keep(id, generation, reason);
    }

    /// <summary>Whether the end of an instance was noted, and no newer generation has made it again since.</summary>
    public bool Has(InstanceId id, long generation) => _ended.TryGetValue(id, out var ended) && generation <= ended.Generation;

    /// <summary>Refuses a call for an instance that has ended, unless it comes from a newer generation.</summary>
    public void Refuse(InstanceId id, long generation)
    {
        if (_ended.TryGetValue(id, out var ended) && generation <= ended.Generation)
        {
            throw HostRefusal.Conflict(HostProblemCodes.InstanceEnded, $"Instance {id} has ended: {ended.Reason}.");
        }
    }

    private void Keep(InstanceId id, long generation, string reason)
    {
        if (_ended.TryAdd(id, (generation, reason)))
        {
            _order.Enqueue(id);
        }

        _ended[id] = (generation, reason);
        while (_order.Count > RememberedMax && _order.TryDequeue(out var oldest))
        {
            _ended.TryRemove(oldest, out _);
            File.Delete(Path.Combine(Directory, oldest.ToString()));
        }
    }
}
