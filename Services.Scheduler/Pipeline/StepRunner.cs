using System.Diagnostics;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Runs;
using Services.Scheduler.Policies;
using Services.Scheduler.Steps;
using Services.Scheduler.Workers;

namespace Services.Scheduler.Pipeline;

/// <summary>
/// Runs the steps in order. After a required command failed, the commands behind it are skipped; a review is not, since its
/// reader wants to know what is wrong with a change that does not build, too.
/// </summary>
internal sealed class StepRunner(StepStore steps, CommandStep commands, ReviewStep reviews, TimeProvider time)
{
    /// <summary>The steps as they stand. If the first of them is a command, its id is on its row: it can be started at once.</summary>
    public async Task<IReadOnlyList<StepRow>> ReadAsync(RunJob job, CancellationToken cancellationToken)
    {
        var rows = await steps.ListAsync(job.Run.Id, cancellationToken);
        if (rows.Count > 0 && rows[0] is { State: StepState.Waiting, Command: null } first && job.Workflow.Steps[0].Kind != StepKind.Review)
        {
            first.Command = await steps.NoteCommandAsync(job.Run.Id, job.Generation, first.Id, cancellationToken);
        }

        return rows;
    }

    public async Task<(RunConclusion Conclusion, string Reason)> RunAllAsync(RunJob job, IReadOnlyList<StepRow> rows, CancellationToken cancellationToken)
    {
        if (rows is not [{ State: StepState.Waiting, Command: not null }, ..])
        {
            await job.Entered;
        }

        var failed = false;
        var ended = new List<(Step Step, StepRow Row)>();
        for (var index = 0; index < rows.Count; index++)
        {
            var (row, step) = (rows[index], job.Workflow.Steps[index]);
            if (job.Control.Ending.IsCancellationRequested)
            {
                throw new RunDecidedException(job.Control.Conclusion ?? RunConclusion.Cancelled, "ended on request");
            }

            if (row.State is StepState.Waiting or StepState.Running)
            {
                row = failed && step.Kind != StepKind.Review ? await SkipAsync(job, row, cancellationToken) : await RunAsync(job, step, row, cancellationToken);
            }

            failed |= Fails(step, row);
            ended.Add((step, row));
        }

        return Judge(ended);
    }

    private async Task<StepRow> RunAsync(RunJob job, Step step, StepRow row, CancellationToken cancellationToken)
    {
        using var activity = RunWorker.Source.StartActivity($"step {step.Name}");
        activity?.SetTag("agentplatform.step.kind", step.Kind.ToString().ToLowerInvariant());
        await NetworkAsync(job, step, cancellationToken);
        var ended = step.Kind == StepKind.Review
            ? await reviews.RunAsync(job, step, row, cancellationToken)
            : await commands.RunAsync(job, step, row, cancellationToken);
        activity?.SetTag("agentplatform.step.state", ended.State.ToString().ToLowerInvariant());
        if (ended.State is StepState.Failed or StepState.TimedOut)
        {
            activity?.SetStatus(ActivityStatusCode.Error, ended.Summary);
        }

        return ended;
    }

    /// <summary>The registries are open for setup steps only; a workflow without any never opens them, so there is nothing to close.</summary>
    private static async Task NetworkAsync(RunJob job, Step step, CancellationToken cancellationToken)
    {
        if (job.Workflow.Steps.All(other => other.Kind != StepKind.Setup))
        {
            return;
        }

        var request = step.Kind == StepKind.Setup
            ? new SetNetworkRequest(job.Generation, NetworkPhase.Setup, job.Workflow.AllowedRegistries)
            : new SetNetworkRequest(job.Generation, NetworkPhase.Closed);
        await job.Host.SetNetworkAsync(job.Instance, request, cancellationToken);
    }

    private Task<StepRow> SkipAsync(RunJob job, StepRow row, CancellationToken cancellationToken) => steps.ChangeAsync(
        job.Run.Id, job.Generation, row.Id,
        step => (step.State, step.Summary, step.EndedAt) = (StepState.Skipped, "skipped after a failure", time.GetUtcNow()),
        cancellationToken);

    private static bool Fails(Step step, StepRow row) => !step.AllowFailure && row.State is StepState.Failed or StepState.TimedOut;

    private static (RunConclusion Conclusion, string Reason) Judge(List<(Step Step, StepRow Row)> ended)
    {
        var bad = ended.Where(pair => Fails(pair.Step, pair.Row)).ToList();
        if (bad.Count == 0)
        {
            return (RunConclusion.Success, ended.Count == 1 ? $"{ended[0].Step.Name}: {ended[0].Row.Summary}" : $"all {ended.Count} steps passed");
        }

        var reason = string.Join("; ", bad.Select(pair => $"{pair.Step.Name}: {pair.Row.Summary}"));
        return (bad.All(pair => pair.Row.State == StepState.TimedOut) ? RunConclusion.TimedOut : RunConclusion.Failure, reason);
    }
}
