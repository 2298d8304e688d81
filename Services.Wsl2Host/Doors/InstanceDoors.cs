using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Doors.Models;
using Services.Wsl2Host.Doors.Registries;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Instances;

namespace Services.Wsl2Host.Doors;

/// <summary>The doors of all instances: each as a Unix socket in the instance's door directory and as a port of its own loopback.</summary>
internal sealed class InstanceDoors(IInstanceDriver driver, RegistryProxy registries, DoorServer models, ModelTokens tokens) : IInstanceDoors, IAsyncDisposable
{
    private const int ModelConnectionsMax = 32;
    private const int RegistryConnectionsMax = 64;
    private const string RegistrySocket = "registry.sock";

    private readonly ConcurrentDictionary<InstanceId, OpenDoors> _doors = [];

    public async Task OpenAsync(InstanceRecord instance)
    {
        if (tokens.Load(instance.Id))
        {
            await OpenModelsAsync(instance.Id);
        }

        if (instance.Phase == NetworkPhase.Setup)
        {
            await OpenRegistriesAsync(instance.Id, instance.AllowedHosts);
        }
    }

    public async Task SetAsync(InstanceId instance, NetworkPhase phase, IReadOnlyList<string> allowedHosts, SecretText? modelToken)
    {
        var rules = phase == NetworkPhase.Setup ? allowedHosts : [];
        _ = new RegistryRules(rules);
        if (modelToken is { } token)
        {
            tokens.Set(instance, new ModelPass(token, System.Diagnostics.Activity.Current?.Id));
            await OpenModelsAsync(instance);
        }

        await CloseRegistriesAsync(instance);
        if (phase == NetworkPhase.Setup)
        {
            await OpenRegistriesAsync(instance, rules);
        }
    }

    public bool HasModelToken(InstanceId instance) => tokens.Find(instance) is not null;

    public async Task CloseAsync(InstanceId instance)
    {
        tokens.Remove(instance);
        if (_doors.TryRemove(instance, out var doors))
        {
            await DisposeAsync(doors.Models);
            await DisposeAsync(doors.Registries);
        }
    }

    /// <summary>Stops listening. The next process listens again, with the same tokens.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var doors in _doors.Values)
        {
            await DisposeAsync(doors.Models);
            await DisposeAsync(doors.Registries);
        }
    }

    private async Task OpenModelsAsync(InstanceId instance)
    {
        var doors = _doors.GetOrAdd(instance, static _ => new OpenDoors());
        if (doors.Models is null && driver.Doors(instance) is { } place)
        {
            doors.Models = new Door(ModelConnectionsMax, (connection, closed) => models.ServeAsync(instance, connection, closed));
            doors.Models.Listen(DoorSockets.Listen(place.Directory, Path.GetFileName(InstancePaths.ModelSocket)));
            doors.Models.Listen(await place.ListenAsync(new Uri(InstancePaths.ModelUrl).Port));
        }
    }

    private async Task OpenRegistriesAsync(InstanceId instance, IReadOnlyList<string> allowedHosts)
    {
        var doors = _doors.GetOrAdd(instance, static _ => new OpenDoors());
        if (driver.Doors(instance) is { } place)
        {
            var rules = new RegistryRules(allowedHosts);
            doors.Registries = new Door(RegistryConnectionsMax, (connection, closed) => registries.ServeAsync(instance, rules, connection, closed));
            doors.Registries.Listen(DoorSockets.Listen(place.Directory, RegistrySocket));
            doors.Registries.Listen(await place.ListenAsync(new Uri(InstancePaths.RegistryProxyUrl).Port));
        }
    }

    private async Task CloseRegistriesAsync(InstanceId instance)
    {
        if (_doors.TryGetValue(instance, out var doors))
        {
            await DisposeAsync(doors.Registries);
            doors.Registries = null;
        }

        if (driver.Doors(instance) is { } place)
        {
            File.Delete(Path.Combine(place.Directory, RegistrySocket));
        }
    }

    private static async Task DisposeAsync(Door? door)
    {
        if (door is not null)
        {
            await door.DisposeAsync();
        }
    }

    private sealed class OpenDoors
    {
        public Door? Models { get; set; }

        public Door? Registries { get; set; }
    }
}
