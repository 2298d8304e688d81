using AgentPlatform.Contracts;

namespace Services.Sessions.Events;

/// <summary>Who wakes when a session of this process got an event or ended. It only saves time: readers also look by themselves.</summary>
internal sealed class SessionNews
{
    /// <summary>Raised with the session's id, after its news were saved.</summary>
    public event Action<SessionId>? Changed;

    public void Raise(SessionId session) => Changed?.Invoke(session);
}
