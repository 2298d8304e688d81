using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.EndToEnd;

/// <summary>A failpoint that holds the first process that comes by.</summary>
internal sealed class HeldPlace : IDisposable
{
    private readonly string _hold;
    private readonly string _held;

    public HeldPlace(string directory, string name)
    {
        (_hold, _held) = (Path.Combine(directory, $"{name}.hold"), Path.Combine(directory, $"{name}.held"));
        File.WriteAllText(_hold, string.Empty);
    }

    /// <summary>Waits until a process is held.</summary>
    public Task ReachedAsync() => Eventually.TrueAsync(() => File.Exists(_held), $"{Path.GetFileName(_hold)} is reached");

    /// <summary>Lets it go on, where it still is.</summary>
    public void Release() => File.Delete(_held);

    public void Dispose()
    {
        File.Delete(_hold);
        Release();
    }
}
