namespace Aspire.Hosting.Running.Processes;

/// <summary>
/// A started program together with everything that it starts itself: one process group (POSIX) or one process tree (Windows).
/// </summary>
internal abstract class ChildProcess
{
    /// <summary>A killed group that the kernel does not give up by then (stuck in I/O) is not waited for any longer.</summary>
    private static readonly TimeSpan KillMax = TimeSpan.FromSeconds(10);

    /// <summary>Process id of the program; on POSIX also the id of its process group and session.</summary>
    public abstract int Id { get; }

    /// <summary>Completes with the exit code once the program has ended and its output has been read; 128 + n for signal n.</summary>
    public abstract Task<int> Exited { get; }

    /// <summary>Completes when no process of the group is left.</summary>
    public abstract Task Gone { get; }

    /// <summary>Asks the whole group to end; nothing happens when it already has.</summary>
    public abstract void RequestStop();

    /// <summary>Ends the whole group at once.</summary>
    public abstract void Kill();

    /// <summary>Asks the group to end, and ends it after <paramref name="grace"/>.</summary>
    /// <returns>Whether the group ended by itself.</returns>
    public async Task<bool> StopAsync(TimeSpan grace, TimeProvider time)
    {
        RequestStop();
        if (await EndsWithinAsync(grace, time))
        {
            return true;
        }

        Kill();
        await EndsWithinAsync(KillMax, time);
        return false;
    }

    private async Task<bool> EndsWithinAsync(TimeSpan grace, TimeProvider time)
    {
        try
        {
            await Gone.WaitAsync(grace, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
