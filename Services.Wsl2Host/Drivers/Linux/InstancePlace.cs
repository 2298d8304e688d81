using AgentPlatform.Contracts;
using Services.Wsl2Host.Drivers.Files;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Drivers.Linux;

/// <summary>Where the parts of one instance are on this machine.</summary>
/// <param name="directories">The host's directories.</param>
/// <param name="id">The instance.</param>
internal sealed class InstancePlace(HostDirectories directories, InstanceId id)
{
    public string Root { get; } = directories.Instance(id);

    /// <summary>What the driver wrote down of it.</summary>
    public string Handle => Path.Combine(Root, "driver.json");

    /// <summary>A file system in memory, as large as the instance's disk. All that the instance writes is in it.</summary>
    public string Scratch => Path.Combine(Root, "scratch");

    public string Changes => Path.Combine(Scratch, "changes");

    public string OverlayWork => Path.Combine(Scratch, "overlay");

    public string Home => Path.Combine(Scratch, "home");

    public string Temporary => Path.Combine(Scratch, "tmp");

    /// <summary>The checkout, with this instance's user as its owner.</summary>
    public string Checkout => Path.Combine(Scratch, "checkout");

    /// <summary>Checkout and changes together. Like the checkout it is mounted inside the disk, so that all goes with one unmount.</summary>
    public string Workspace => Path.Combine(Scratch, "workspace");

    /// <summary>The sockets of the doors.</summary>
    public string Doors => Path.Combine(Root, "doors");

    public string Commands => Path.Combine(Root, "commands");

    public string Spools { get; } = directories.Spool(id);

    public CommandFiles Command(CommandId command) => new(Path.Combine(Commands, command.ToString()), Path.Combine(Spools, command.ToString()));
}

/// <summary>What the driver writes down of an instance before it makes anything.</summary>
/// <param name="Version">1.</param>
/// <param name="Id">The instance.</param>
/// <param name="UserId">Its user and group.</param>
/// <param name="Ready">Whether it was made to the end.</param>
/// <param name="Leaving">Whether it is being removed.</param>
/// <param name="Checkout">What is laid under its workspace.</param>
internal sealed record LinuxHandle(int Version, InstanceId Id, uint UserId, bool Ready, bool Leaving, CheckoutMount? Checkout)
{
    public const int CurrentVersion = 1;
}

/// <summary>Generated JSON code for the driver's own files.</summary>
[System.Text.Json.Serialization.JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[System.Text.Json.Serialization.JsonSerializable(typeof(LinuxHandle))]
internal sealed partial class LinuxJsonContext : System.Text.Json.Serialization.JsonSerializerContext;
