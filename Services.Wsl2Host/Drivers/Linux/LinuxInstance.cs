using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using Microsoft.Win32.SafeHandles;

namespace Services.Wsl2Host.Drivers.Linux;

/// <summary>An instance that this process holds.</summary>
/// <param name="place">Where its parts are.</param>
/// <param name="handle">What is written down of it.</param>
/// <param name="network">Its network.</param>
internal sealed class LinuxInstance(InstancePlace place, LinuxHandle handle, SafeFileHandle network) : IDisposable
{
    /// <summary>Held while commands are started and while it is removed.</summary>
    public SemaphoreSlim Gate { get; } = new(1, 1);

    public InstancePlace Place => place;

    public LinuxHandle Handle { get; set; } = handle;

    public SafeFileHandle Network => network;

    public ConcurrentDictionary<CommandId, LinuxCommand> Commands { get; } = [];

    /// <summary>Its cgroup.</summary>
    public string Group => Handle.Id.ToString();

    /// <summary>Whether a checkout lies under its workspace.</summary>
    public bool HasWorkspace => Handle.Checkout is not null;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var command in Commands.Values)
        {
            command.Dispose();
        }

        network.Dispose();
        Gate.Dispose();
    }
}
