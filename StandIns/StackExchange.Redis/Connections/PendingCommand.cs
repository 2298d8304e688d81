using StackExchange.Redis.Protocol;

namespace StackExchange.Redis.Connections;

/// <summary>A command on its way, and the reply that is waited for.</summary>
internal sealed class PendingCommand(string name, byte[] payload, int database)
{
    private readonly TaskCompletionSource<RedisResult> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The command's name.</summary>
    public string Name { get; } = name;

    /// <summary>What is sent.</summary>
    public byte[] Payload { get; } = payload;

    /// <summary>The database it is meant for; -1 where that does not matter.</summary>
    public int Database { get; } = database;

    /// <summary>When it was sent, as a timestamp; 0 before.</summary>
    public long SentAt { get; set; }

    public Task<RedisResult> Reply => _reply.Task;

    public static PendingCommand Of(string name, params ReadOnlySpan<RedisValue> arguments) => new(name, RespWriter.Write(name, arguments), database: -1);

    /// <summary>A command whose reply, or failure, nobody waits for.</summary>
    public static PendingCommand OfNobody(string name)
    {
        var command = Of(name);
        command.Forget();
        return command;
    }

    /// <summary>Nobody waits for the reply: a failure is not reported as one that was overlooked.</summary>
    public void Forget() => _ = Reply.ContinueWith(
        static reply => reply.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);

    /// <summary>Completes the command. An error that is the whole reply is the command's failure.</summary>
    public void Complete(RedisResult reply)
    {
        if (reply is ErrorRedisResult error)
        {
            _reply.TrySetException(new RedisServerException(error.Message));
        }
        else
        {
            _reply.TrySetResult(reply);
        }
    }

    public void Fail(Exception cause) => _reply.TrySetException(cause);

    /// <summary>Nobody waits any more: it is not sent if it was not yet.</summary>
    public void GiveUp() => _reply.TrySetCanceled();
}
