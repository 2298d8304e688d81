using System.Diagnostics;
using System.Text.Json;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Reviews;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.Failpoints;
using AgentPlatform.ServiceDefaults.HostCalls;
using Microsoft.Extensions.Options;
using Services.Sessions.Agents;
using Services.Sessions.Agents.ClaudeCode;
using Services.Sessions.Events;
using Services.Sessions.ModelGateway;

namespace Services.Sessions.Reviews;

/// <summary>
/// Drives one review: opens the model door, starts the agent, gives it the prompt, reads its output to the end, and judges the answer.
/// Each of these can be repeated, since ids and input numbers were chosen before: a process that takes over starts at the top and
/// finds the agent where it is.
/// </summary>
internal sealed class ReviewDriver(
    ReviewStore reviews, SessionLog log, RunTokens tokens, HostClients hosts, IOptionsMonitor<ReviewOptions> options, TimeProvider time)
{
    public static readonly ActivitySource Source = new("AgentPlatform.Sessions");

    private const int PromptNumber = 1;
    private const int WaitSeconds = 20;
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(3);

    public async Task DriveAsync(ReviewRow row, string worker, CancellationToken stopping)
    {
        ActivityContext.TryParse(row.Traceparent, null, isRemote: true, out var parent);
        using var activity = Source.StartActivity("review", ActivityKind.Internal, parent);
        activity?.SetTag("agentplatform.session.id", row.Id.ToString());
        using var watch = new ReviewWatch(row, worker, reviews, options.CurrentValue.Lease, time, stopping);
        var request = JsonSerializer.Deserialize(row.Request, ReviewsJsonContext.Default.StartReviewRequest) ?? throw new JsonException("null request");
        var host = hosts.For(new Uri(row.Host), options.CurrentValue.HostPatience);
        ReviewOutcome outcome;
        try
        {
            outcome = await HoldAsync(row, request, host, watch);
        }
        catch (HostCallException error) when (error.IsStale)
        {
            // The run moved to another worker, which will call us with its generation and find the agent going on.
            watch.Lost.ThrowIfCancellationRequested();
            throw new OperationCanceledException("the run has a newer generation", error);
        }
        catch (HostCallException error)
        {
            outcome = ReviewOutcome.Failed(error.IsGone ? FaultCategory.Infrastructure : error.Category, error.Message);
        }

        activity?.SetTag("agentplatform.review.state", outcome.State.ToString().ToLowerInvariant());
        activity?.SetTag("agentplatform.review.findings", outcome.Findings.Count);
        if (outcome.State == ReviewState.Failed)
        {
            activity?.SetStatus(ActivityStatusCode.Error, outcome.Fault);
        }

        await Failpoint.PassAsync(FailpointNames.ReviewAnswered);
        await tokens.RevokeAsync(row.Id, watch.Lost);
        await reviews.EndAsync(row.Id, worker, outcome, watch.Lost);
    }

    private async Task<ReviewOutcome> HoldAsync(ReviewRow row, StartReviewRequest request, HostClient host, ReviewWatch watch)
    {
        var (agent, lost) = (request.Agent, watch.Lost);
        await Failpoint.PassAsync(FailpointNames.ReviewTaken);
        var token = await tokens.IssueAsync(request, TimeSpan.FromSeconds(agent.TimeoutSeconds) + TimeSpan.FromMinutes(5), lost);
        await host.SetNetworkAsync(
            row.Instance, new SetNetworkRequest(watch.Generation, NetworkPhase.Closed, Model: new ModelDoorRequest(new SecretText(token))), lost);
        await host.StartCommandAsync(
            row.Instance, ClaudeCodeProgram.Command(row.Command, watch.Generation, row.Id, agent.Model, agent.TurnsMax, agent.TimeoutSeconds), lost);
        await Failpoint.PassAsync(FailpointNames.AgentStarted);
        await PromptAsync(row, request, host, watch);
        await Failpoint.PassAsync(FailpointNames.AgentPrompted);
        var ended = await FollowAsync(row, request, host, watch);
        if (watch.StopRequested.IsCancellationRequested)
        {
            return new ReviewOutcome(ReviewState.Cancelled, null, [], 0);
        }

        var command = await host.GetCommandAsync(row.Instance, row.Command, WaitSeconds, lost);
        await host.SetNetworkAsync(row.Instance, new SetNetworkRequest(watch.Generation, NetworkPhase.Closed), lost);
        return Judge(ended, command, request);
    }

    private static async Task PromptAsync(ReviewRow row, StartReviewRequest request, HostClient host, ReviewWatch watch)
    {
        try
        {
            var prompt = ClaudeCodeProgram.Prompt(ReviewPrompt.Of(request.Change));
            await host.WriteInputAsync(row.Instance, row.Command, new WriteInputRequest(watch.Generation, PromptNumber, prompt, End: true), watch.Lost);
        }
        catch (HostCallException error) when (error.Code is HostProblemCodes.InputClosed)
        {
            // The agent has ended already: its output says how.
        }
    }

    /// <summary>Reads the agent's output to its end and logs what it means. Started again, it numbers the same events the same.</summary>
    private async Task<AgentEvent.TurnEnded?> FollowAsync(ReviewRow row, StartReviewRequest request, HostClient host, ReviewWatch watch)
    {
        var lines = new LineReader();
        AgentEvent.TurnEnded? ended = null;
        long offset = 0, sequence = 1;
        while (true)
        {
            OutputPage page;
            try
            {
                page = await host.ReadOutputAsync(row.Instance, row.Command, offset, WaitSeconds, watch.LostOrStopped);
            }
            catch (OperationCanceledException) when (watch.StopRequested.IsCancellationRequested && !watch.Lost.IsCancellationRequested)
            {
                await host.StopCommandAsync(row.Instance, row.Command, new StopCommandRequest(watch.Generation, (int)StopGrace.TotalSeconds), watch.Lost);
                return ended;
            }

            var events = lines.Read(page.Bytes).SelectMany(line => ClaudeCodeOutput.Read(line)).ToList();
            if (page.End && lines.Take() is { } rest)
            {
                events.AddRange(ClaudeCodeOutput.Read(rest));
            }

            await log.AppendAsync(row.Id, request.Owner, sequence, events, watch.Lost);
            sequence += events.Count;
            ended = events.OfType<AgentEvent.TurnEnded>().LastOrDefault() ?? ended;
            if (page.End)
            {
                return ended;
            }

            offset = page.NextOffset;
        }
    }

    private static ReviewOutcome Judge(AgentEvent.TurnEnded? ended, HostCommand command, StartReviewRequest request) => (ended, command.End) switch
    {
        (null, CommandEnd.TimedOut) => ReviewOutcome.Failed(FaultCategory.Resource, $"the agent took longer than {request.Agent.TimeoutSeconds} s"),
        (null, CommandEnd.OutOfMemory) => ReviewOutcome.Failed(FaultCategory.Resource, "the agent ran out of the instance's memory"),
        (null, CommandEnd.NotStarted) => ReviewOutcome.Failed(FaultCategory.Configuration, "the agent program could not be started on this host"),
        (null, CommandEnd.Lost) => ReviewOutcome.Failed(FaultCategory.Infrastructure, "the agent was lost with its host"),
        (null, _) => ReviewOutcome.Failed(FaultCategory.Permanent, $"the agent ended with exit code {command.ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "none"} and no answer"),
        ({ End: TurnEnd.ModelError }, _) => ReviewOutcome.Failed(FaultCategory.Transient, Redactor.Redact($"the model failed: {ended.Error}")),
        ({ End: TurnEnd.Limited }, _) => ReviewOutcome.Failed(FaultCategory.Resource, $"the agent reached its limit of {request.Agent.TurnsMax} turns"),
        ({ End: not TurnEnd.Completed }, _) => ReviewOutcome.Failed(FaultCategory.Permanent, Redactor.Redact($"the agent failed: {ended.Error}")),
        _ => Judge(ended, request),
    };

    private static ReviewOutcome Judge(AgentEvent.TurnEnded ended, StartReviewRequest request) =>
        ReviewAnswer.Read(ended.Text ?? string.Empty, request.Change.ChangedFiles) is { } answer
            ? new ReviewOutcome(ReviewState.Completed, answer.Summary, answer.Findings, ended.Turns)
            : ReviewOutcome.Failed(FaultCategory.Permanent, "the agent's answer is not of the form that was asked for");
}
