namespace StackExchange.Redis;

/// <summary>Waits for an awaited command in a method that is not awaited.</summary>
internal static class Blocking
{
    public static T Wait<T>(Task<T> task, ConnectionMultiplexer client)
    {
        Wait((Task)task, client);
        return task.GetAwaiter().GetResult();
    }

    public static void Wait(Task task, ConnectionMultiplexer client)
    {
        // Not Task.Wait: it wraps the failure.
        if (Task.WaitAny([task], client.TimeoutMilliseconds) < 0)
        {
            throw new RedisTimeoutException($"There was no answer within {client.TimeoutMilliseconds} ms.", CommandStatus.Unknown);
        }

        task.GetAwaiter().GetResult();
    }
}
