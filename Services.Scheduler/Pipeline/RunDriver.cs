using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.ServiceDefaults.HostCalls;
using Microsoft.Extensions.Options;
using Services.Scheduler.GitHub;
using Services.Scheduler.Policies;
using Services.Scheduler.Runs;
using Services.Scheduler.Steps;
using Services.Scheduler.Workers;

namespace Services.Scheduler.Pipeline;

/// <summary>
/// Drives one run from wherever it stands to its conclusion: provision, fetch, steps, conclude, clean up. Every stage can be
/// repeated, and looks at what is there before it makes anything, so a worker that takes over simply calls it again.
/// </summary>
internal sealed partial class RunDriver(
    Provisioning provisioning, Fetching fetching, StepRunner stepRunner, Cleanup cleanup, RunStore runs,
    IOptionsMonitor<WorkerOptions> options, TimeProvider time, ILogger<RunDriver> logger)
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryDelayMax = TimeSpan.FromSeconds(30);

    public async Task DriveAsync(RunRow run, RunControl control)
    {
        var workflow = JsonSerializer.Deserialize(run.Definition, PolicyJsonContext.Default.Workflow) ?? throw new JsonException("null workflow");
        var job = new RunJob(run, control, workflow);
        using var total = Deadline(run, workflow);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(total.Token, control.Abandoned);
        var command = await StagesAsync(job, total, stop.Token);
        await Failpoint.PassAsync(FailpointNames.RunConcluding);
        control.Abandoned.ThrowIfCancellationRequested();
        var outcome = await runs.ApplyAsync(job.Run, command, control.Abandoned);
        if (outcome.Run is { Phase: RunPhase.Concluded, Conclusion: { } conclusion } concluded)
        {
            Log.Concluded(logger, run.Id, SnakeCaseName.Of(conclusion), concluded.Reason ?? string.Empty);
            await Failpoint.PassAsync(FailpointNames.RunConcluded);

            // A concluded run is nobody's any more, so its lease says nothing about whether its instance should go.
            await cleanup.TryAsync(concluded, CancellationToken.None);
        }
    }

    /// <summary>The stages, and what they come to: a conclusion, or a fault that the machine judges.</summary>
    private async Task<RunCommand> StagesAsync(RunJob job, CancellationTokenSource total, CancellationToken cancellationToken)
    {
        var (run, generation) = (job.Run, job.Generation);
        if (job.Workflow.Steps.Count == 0)
        {
            return new RunCommand.Conclude(generation, RunConclusion.Success, "there is nothing to do");
        }

        try
        {
            // The token is on its way while the instance is made, and each phase is written down while its work is done.
            var token = fetching.MintAsync(run, cancellationToken);
            await BothAsync(token, UnlessEndedAsync(job, () => provisioning.EnsureAsync(job, cancellationToken)));
            using var lease = new InstanceLease(job, options.CurrentValue.InstanceLease, time, logger);
            await Failpoint.PassAsync(FailpointNames.RunProvisioned);
            var steps = stepRunner.ReadAsync(job, cancellationToken);
            await BothAsync(
                Task.WhenAll(steps, AdvanceAsync(job, RunPhase.Fetching, cancellationToken)),
                UnlessEndedAsync(job, async () => await Fetching.EnsureAsync(job, await token, cancellationToken)));
            job.Entered = AdvanceAsync(job, RunPhase.Running, cancellationToken);
            var ran = stepRunner.RunAllAsync(job, await steps, cancellationToken);
            await BothAsync(job.Entered, ran);
            var (conclusion, reason) = await ran;
            return new RunCommand.Conclude(generation, conclusion, reason);
        }
        catch (RunDecidedException decided)
        {
            return new RunCommand.Conclude(generation, decided.Conclusion, decided.Message);
        }
        catch (OperationCanceledException) when (total.IsCancellationRequested && !job.Control.Abandoned.IsCancellationRequested)
        {
            return new RunCommand.Conclude(generation, RunConclusion.TimedOut, $"the run took longer than {job.Workflow.Limits.Total}");
        }
        catch (RunFaultException fault)
        {
            return Fault(run, generation, fault.Category, fault.Message);
        }
        catch (HostCallException fault) when (!fault.IsStale)
        {
            // A host that lost the instance is a lost part of the platform, whatever the status says.
            return Fault(run, generation, fault.IsGone ? FaultCategory.Infrastructure : fault.Category, fault.Message);
        }
        catch (GitHubException fault)
        {
            return Fault(run, generation, fault.IsGone ? FaultCategory.Permanent : fault.Category, fault.Message, fault.RetryAfter);
        }
    }

    /// <summary>Waits for two pieces of work. The second, when it fails, says why.</summary>
    private static async Task BothAsync(Task first, Task second)
    {
        await Task.WhenAll(first, second).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await second;
        await first;
    }

    private static async Task UnlessEndedAsync(RunJob job, Func<Task> stage)
    {
        if (job.Control.Ending.IsCancellationRequested)
        {
            throw new RunDecidedException(job.Control.Conclusion ?? RunConclusion.Cancelled, "ended on request");
        }

        await stage();
    }

    private async Task AdvanceAsync(RunJob job, RunPhase phase, CancellationToken cancellationToken)
    {
        var outcome = await runs.ApplyAsync(job.Run, new RunCommand.Advance(job.Generation, phase), cancellationToken);
        job.Run = outcome is { Run: { } run, Refusal: null } ? run : throw new StaleGenerationException(job.Run.Id, job.Generation);
    }

    private CancellationTokenSource Deadline(RunRow run, Workflow workflow)
    {
        var left = (run.AdmittedAt ?? time.GetUtcNow()) + workflow.Limits.Total - time.GetUtcNow();
        return new CancellationTokenSource(left > TimeSpan.Zero ? left : TimeSpan.Zero, time);
    }

    private RunCommand.Fault Fault(RunRow run, long generation, FaultCategory category, string reason, TimeSpan? asked = null)
    {
        Log.Faulted(logger, run.Id, category, reason);
        var backoff = RetryDelay * Math.Pow(2, run.Faults) * (0.75 + (Random.Shared.NextDouble() / 2));
        var delay = asked > backoff ? asked.Value : backoff;
        return new RunCommand.Fault(generation, category, reason, delay < RetryDelayMax ? delay : RetryDelayMax);
    }

    private static partial class Log
    {
        [LoggerMessage(2201, LogLevel.Information, "{Run} concluded {Conclusion}: {Reason}")]
        public static partial void Concluded(ILogger logger, RunId run, string conclusion, string reason);

        [LoggerMessage(2202, LogLevel.Warning, "{Run} faulted ({Category}): {Reason}")]
        public static partial void Faulted(ILogger logger, RunId run, FaultCategory category, string reason);
    }
}
