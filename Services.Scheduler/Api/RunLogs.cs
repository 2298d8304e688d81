using System.Text;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.HostCalls;
using Services.Scheduler.Hosts;
using Services.Scheduler.Pipeline;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;

namespace Services.Scheduler.Api;

/// <summary>What a step printed: from the host while its command runs, from the run's history afterwards. Offsets are the same in both.</summary>
internal sealed class RunLogs(HostRegistry registry, HostClients hosts)
{
    /// <summary>The step that is meant; without a name, the one of most interest: under way, else the last that has begun.</summary>
    public static StepRow? Choose(IReadOnlyList<StepRow> steps, string? step) => step is null
        ? steps.FirstOrDefault(row => row.State == StepState.Running) ?? steps.LastOrDefault(row => row.StartedAt is not null)
        : steps.FirstOrDefault(row => row.Name == step || row.Id.ToString() == step);

    /// <summary>A piece of the output.</summary>
    /// <exception cref="HostCallException">The host did not give it.</exception>
    public async Task<RunLog> ReadAsync(RunRow run, StepRow step, long offset, int waitSeconds, CancellationToken cancellationToken)
    {
        if (step.Log is { } stored)
        {
            return Stored(step, stored, offset);
        }

        if (step is not { State: StepState.Running, Command: { } command } || run is not { Host: { } hostId, Instance: { } instance }
            || await registry.FindAsync(hostId, cancellationToken) is not { } host)
        {
            // Nothing was printed (a review prints nothing), or nothing yet.
            var over = step.State is not (StepState.Waiting or StepState.Running) || run.Phase == RunPhase.Concluded;
            return new RunLog(step.Id, step.Name, step.State, string.Empty, offset, offset, over, Truncated: false);
        }

        var page = await hosts.For(new Uri(host.Url)).ReadOutputAsync(instance, command, offset, waitSeconds, cancellationToken);
        var kept = page.End ? page.Bytes.Length : WholeCharacters(page.Bytes);

        // The command's end is not the step's: the reader comes once more and finds the stored log.
        return new RunLog(
            step.Id, step.Name, step.State, Encoding.UTF8.GetString(page.Bytes, 0, kept), offset, page.NextOffset - (page.Bytes.Length - kept), End: false, page.Truncated);
    }

    private static RunLog Stored(StepRow step, byte[] stored, long offset)
    {
        var bytes = Encoding.UTF8.GetBytes(CommandStep.Decompress(stored));

        // What is kept is the end of the output.
        var begin = Math.Max(0, step.LogBytes - bytes.Length);
        var from = (int)Math.Clamp(offset - begin, 0, bytes.Length);
        return new RunLog(
            step.Id, step.Name, step.State, Encoding.UTF8.GetString(bytes, from, bytes.Length - from), begin + from, Math.Max(offset, begin + bytes.Length), End: true, step.LogTruncated);
    }

    /// <summary>How many of the bytes are whole characters of UTF-8; a page may end within one.</summary>
    internal static int WholeCharacters(ReadOnlySpan<byte> bytes)
    {
        for (var back = 1; back <= Math.Min(3, bytes.Length); back++)
        {
            var lead = bytes[^back];
            if ((lead & 0xC0) == 0x80)
            {
                continue;
            }

            var length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1;
            return length > back ? bytes.Length - back : bytes.Length;
        }

        return bytes.Length;
    }
}
