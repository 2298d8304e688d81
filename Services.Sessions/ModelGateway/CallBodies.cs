using AgentPlatform.Contracts;

namespace Services.Sessions.ModelGateway;

/// <summary>
/// How many bytes of calls are in memory at a time: of one session, so that what runs in an instance cannot crowd out the others, and of all, so that they
/// cannot bring this process down together. What finds no room is refused, and comes again.
/// </summary>
/// <param name="sessionMax">Bytes of one session.</param>
/// <param name="max">Bytes of all.</param>
internal sealed class CallBodies(long sessionMax, long max)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<SessionId, long> _sessions = [];
    private long _taken;

    /// <summary>The usual bounds: two of the largest calls of a session, and a GiB of all.</summary>
    public CallBodies()
        : this(64L << 20, 1L << 30)
    {
    }

    /// <summary>Takes room for a call; null if there is none. Dispose what is returned when the call is over.</summary>
    public IDisposable? TryTake(SessionId session, long bytes)
    {
        lock (_lock)
        {
            var held = _sessions.GetValueOrDefault(session);
            if (held + bytes > sessionMax || _taken + bytes > max)
            {
                return null;
            }

            _sessions[session] = held + bytes;
            _taken += bytes;
            return new Room(this, session, bytes);
        }
    }

    private void Return(SessionId session, long bytes)
    {
        lock (_lock)
        {
            _taken -= bytes;
            if ((_sessions[session] -= bytes) == 0)
            {
                _sessions.Remove(session);
            }
        }
    }

    private sealed class Room(CallBodies bodies, SessionId session, long bytes) : IDisposable
    {
        private int _returned;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _returned, 1) == 0)
            {
                bodies.Return(session, bytes);
            }
        }
    }
}
