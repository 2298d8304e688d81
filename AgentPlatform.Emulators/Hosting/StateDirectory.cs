using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.Hosting;

/// <summary>
/// The directory of this process' git repositories. It is new for each process, because all else that the emulators
/// know is in memory and ends with it; it is removed when the process ends.
/// </summary>
internal sealed class StateDirectory : IDisposable
{
    public StateDirectory(IOptions<EmulatorsOptions> options)
    {
        Path = options.Value.StateDirectory is { Length: > 0 } parent
            ? System.IO.Path.Combine(System.IO.Path.GetFullPath(parent), $"run-{Environment.ProcessId}-{Guid.NewGuid():N}")
            : Directory.CreateTempSubdirectory("agentplatform-emulators-").FullName;
        Directory.CreateDirectory(Path);
    }

    public string Path { get; }

    /// <summary>Makes, and returns, a directory of this name.</summary>
    public string Make(string name) => Directory.CreateDirectory(System.IO.Path.Combine(Path, name)).FullName;

    public void Dispose()
    {
        if (!Directory.Exists(Path))
        {
            return;
        }

        // Git writes its objects read-only, which stops a delete on Windows.
        foreach (var file in Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Where(_ => OperatingSystem.IsWindows()))
        {
            File.SetAttributes(file, FileAttributes.Normal);
        }

        Directory.Delete(Path, recursive: true);
    }
}
