using System.IO.Compression;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Failpoints;
using Services.Scheduler.Policies;
using Services.Scheduler.Steps;

namespace Services.Scheduler.Pipeline;

/// <summary>
/// A step that is a command. Its id is committed before it is started, so that whoever drives the run attaches to the command that
/// is there; the host starts the same id once. What it printed last is kept when the instance goes.
/// </summary>
internal sealed class CommandStep(StepStore steps, TimeProvider time)
{
    /// <summary>How much of a step's output is kept with the run: its end, where the reason of a failure stands.</summary>
    private const int LogBytesMax = 256 * 1024;
    private const long OutputBytesMax = 16 * 1024 * 1024;
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(5);

    public async Task<StepRow> RunAsync(RunJob job, Step definition, StepRow step, CancellationToken cancellationToken)
    {
        var id = step.Command ?? await steps.NoteCommandAsync(job.Run.Id, job.Generation, step.Id, cancellationToken);
        await Failpoint.PassAsync(FailpointNames.CommandNoted);

        // With the id on the row, the start needs no second commit before it.
        var begun = BeginAsync(job, step, cancellationToken);
        await Task.WhenAll(begun, job.Host.StartCommandAsync(job.Instance, Request(job, definition, id), cancellationToken));
        await Failpoint.PassAsync(FailpointNames.CommandStarted);
        var ended = await WaitAsync(job, id, cancellationToken);
        await Failpoint.PassAsync(FailpointNames.CommandEnded);
        var (log, truncated) = await ReadEndAsync(job, ended, job.Control.Abandoned);
        var cancelled = job.Control.Ending.IsCancellationRequested && ended.End is CommandEnd.Stopped;
        return await steps.ChangeAsync(
            job.Run.Id, job.Generation, step.Id,
            row =>
            {
                (row.State, row.Summary) = cancelled ? (StepState.Cancelled, "stopped") : Judge(ended);
                (row.ExitCode, row.EndedAt) = (ended.ExitCode, time.GetUtcNow());
                (row.Log, row.LogBytes, row.LogTruncated) = (Compress(log), ended.OutputBytes, truncated);
            },
            job.Control.Abandoned);
    }

    private async Task<StepRow> BeginAsync(RunJob job, StepRow step, CancellationToken cancellationToken)
    {
        await job.Entered;
        return await steps.ChangeAsync(
            job.Run.Id, job.Generation, step.Id,
            row => (row.StartedAt, row.State) = (row.StartedAt ?? time.GetUtcNow(), StepState.Running),
            cancellationToken);
    }

    private static StartCommandRequest Request(RunJob job, Step definition, CommandId id) => new(
        id, job.Generation, definition.Name,
        // The text comes from the base commit's policy file and is one argument: no name of a branch or file is ever part of it.
        ["/bin/sh", "-eu", "-c", definition.Run!],
        Environment: new Dictionary<string, string>
        {
            ["CI"] = "true",
            ["AGENTPLATFORM_RUN_ID"] = job.Run.Id.ToString(),
            ["AGENTPLATFORM_HEAD_SHA"] = job.Run.HeadSha,
            ["AGENTPLATFORM_BASE_SHA"] = job.Run.BaseSha,
        },
        MergeOutput: true,
        OutputBytesMax: OutputBytesMax,
        TimeoutSeconds: (int)definition.Timeout.TotalSeconds);

    private static async Task<HostCommand> WaitAsync(RunJob job, CommandId id, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, job.Control.Ending);
        try
        {
            while (true)
            {
                var command = await job.Host.GetCommandAsync(job.Instance, id, HostLimits.WaitSecondsMax - 5, either.Token);
                if (command.State == CommandState.Ended)
                {
                    return command.End is CommandEnd.Lost
                        ? throw new RunFaultException(FaultCategory.Infrastructure, "the command was lost with its host")
                        : command;
                }
            }
        }
        catch (OperationCanceledException) when (job.Control.Ending.IsCancellationRequested && !job.Control.Abandoned.IsCancellationRequested)
        {
            return await job.Host.StopCommandAsync(
                job.Instance, id, new StopCommandRequest(job.Generation, (int)StopGrace.TotalSeconds), job.Control.Abandoned);
        }
    }

    private static (StepState State, string Summary) Judge(HostCommand command) => command switch
    {
        { End: CommandEnd.TimedOut } => (StepState.TimedOut, "ran out of its time"),
        { End: CommandEnd.OutOfMemory } => (StepState.Failed, "ran out of the instance's memory"),
        { End: CommandEnd.NotStarted } => (StepState.Failed, "could not be started"),
        { ExitCode: 0 } => (StepState.Passed, "passed"),
        { ExitCode: { } code } => (StepState.Failed, $"failed with exit code {code}"),
        _ => (StepState.Failed, "was ended from outside"),
    };

    private static async Task<(byte[] Log, bool Truncated)> ReadEndAsync(RunJob job, HostCommand command, CancellationToken cancellationToken)
    {
        var from = Math.Max(0, command.OutputBytes - LogBytesMax);
        var log = new List<byte>();
        for (var offset = from; log.Count < LogBytesMax;)
        {
            var page = await job.Host.ReadOutputAsync(job.Instance, command.Id, offset, waitSeconds: 0, cancellationToken);
            log.AddRange(page.Bytes);
            if (page.End || page.Bytes.Length == 0)
            {
                return ([.. log], from > 0 || page.Truncated);
            }

            offset = page.NextOffset;
        }

        return ([.. log.Take(LogBytesMax)], true);
    }

    internal static byte[] Compress(byte[] log)
    {
        using var target = new MemoryStream();
        using (var brotli = new BrotliStream(target, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(log);
        }

        return target.ToArray();
    }

    internal static string Decompress(byte[] log)
    {
        using var brotli = new BrotliStream(new MemoryStream(log), CompressionMode.Decompress);
        using var reader = new StreamReader(brotli, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
