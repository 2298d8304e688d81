namespace AgentPlatform.Emulators.Control;

/// <summary>The last calls, oldest first; those before them are forgotten.</summary>
/// <param name="max">How many.</param>
internal abstract class LastCalls<T>(int max)
{
    private readonly Lock _gate = new();
    private readonly Queue<T> _calls = new();

    public void Add(T call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
            while (_calls.Count > max)
            {
                _calls.Dequeue();
            }
        }
    }

    public IReadOnlyList<T> List()
    {
        lock (_gate)
        {
            return [.. _calls];
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _calls.Clear();
        }
    }
}
