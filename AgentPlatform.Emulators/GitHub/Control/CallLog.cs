using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>A call as it was answered. It holds no header and no body, hence no token.</summary>
/// <param name="Caller">Whose budget it used, such as <c>installation 52000001</c>.</param>
/// <param name="Status">Zero when the connection was broken on purpose.</param>
internal sealed record CallRecord(DateTimeOffset At, string Method, string Path, int Status, string Caller, double Milliseconds,
    string? Fault);

/// <summary>The last calls, oldest first.</summary>
internal sealed class CallLog(IOptions<GitHubOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Queue<CallRecord> _calls = new();

    public void Add(CallRecord call)
    {
        lock (_gate)
        {
            _calls.Enqueue(call);
            while (_calls.Count > options.Value.CallsMax)
            {
                _calls.Dequeue();
            }
        }
    }

    public IReadOnlyList<CallRecord> List()
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
