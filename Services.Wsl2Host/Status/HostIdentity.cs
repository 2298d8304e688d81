using AgentPlatform.Contracts;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Status;

/// <summary>Who this host is, over all its restarts.</summary>
/// <param name="directories">Where its id is kept.</param>
/// <param name="time">The clock that stands in a new id.</param>
internal sealed class HostIdentity(HostDirectories directories, TimeProvider time)
{
    /// <summary>The id. Only after <see cref="Load"/>.</summary>
    public HostId Id { get; private set; }

    /// <summary>Reads the id, or makes it at the first start.</summary>
    public void Load()
    {
        var path = Path.Combine(directories.State, "host-id");
        if (File.Exists(path) && HostId.TryParse(File.ReadAllText(path).Trim(), null, out var id))
        {
            Id = id;
            return;
        }

        Id = HostId.New(time);
        var temporary = $"{path}.tmp";
        File.WriteAllText(temporary, Id.ToString());
        File.Move(temporary, path, overwrite: true);
    }
}
