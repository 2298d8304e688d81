using System.Collections.Concurrent;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Doors.Models;

/// <summary>
/// The tokens of runs for the model gateway. They are good for one run, its budget and its time only. Each is also kept in a file in memory that
/// only root can read, so that an agent's turn survives a restart of this process; it goes with the instance.
/// </summary>
/// <param name="directories">The host's directories.</param>
internal sealed class ModelTokens(HostDirectories directories)
{
    private readonly ConcurrentDictionary<InstanceId, ModelPass> _tokens = [];

    /// <summary>The token of an instance; null if it has none.</summary>
    public ModelPass? Find(InstanceId instance) => _tokens.TryGetValue(instance, out var token) ? token : null;

    public void Set(InstanceId instance, ModelPass pass)
    {
        using (var file = new FileStream(PathOf(instance), PrivateFile()))
        {
            file.Write(System.Text.Encoding.UTF8.GetBytes($"{pass.Traceparent}\n{pass.Token.Value}"));
        }

        _tokens[instance] = pass;
    }

    /// <summary>Reads what an earlier process kept.</summary>
    /// <returns>Whether there was a token.</returns>
    public bool Load(InstanceId instance)
    {
        if (!File.Exists(PathOf(instance)) || File.ReadAllText(PathOf(instance)).Split('\n', 2) is not [var traceparent, var token])
        {
            return false;
        }

        _tokens[instance] = new ModelPass(new SecretText(token), traceparent.Length > 0 ? traceparent : null);
        return true;
    }

    public void Remove(InstanceId instance)
    {
        _tokens.TryRemove(instance, out _);
        if (File.Exists(PathOf(instance)))
        {
            File.Delete(PathOf(instance));
        }
    }

    private static FileStreamOptions PrivateFile()
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return options;
    }

    private string PathOf(InstanceId instance) => Path.Combine(directories.Instance(instance), "model-token");
}

/// <summary>What opens the model gateway for an instance.</summary>
/// <param name="Token">The token.</param>
/// <param name="Traceparent">The trace of whoever opened the door.</param>
internal sealed record ModelPass(SecretText Token, string? Traceparent);
