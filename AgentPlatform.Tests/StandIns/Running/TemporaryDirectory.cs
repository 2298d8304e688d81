namespace AgentPlatform.Tests.StandIns.Running;

/// <summary>A directory of one test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public TemporaryDirectory()
    {
        Path = Directory.CreateTempSubdirectory("ap-running-").FullName;
        if (!OperatingSystem.IsWindows())
        {
            // Postgres runs as another user when the tests run as root.
            File.SetUnixFileMode(Path, File.GetUnixFileMode(Path) | UnixFileMode.OtherExecute | UnixFileMode.OtherRead);
        }
    }

    public string Path { get; }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
