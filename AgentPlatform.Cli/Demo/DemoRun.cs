using AgentPlatform.Cli.Following;
using AgentPlatform.Client;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Runs;
using Spectre.Console;

namespace AgentPlatform.Cli.Demo;

/// <summary>One play of the demo. It succeeds if the one check run on the pull request has an annotation on the line with the bug.</summary>
internal sealed class DemoRun(CommandContext context, EmulatorControl emulator, Uri? dashboard, TimeSpan timeout)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private readonly TimeProvider _time = TimeProvider.System;

    /// <summary>What is waited for, for the word on a timeout.</summary>
    private string _waitingFor = "the system";

    public async Task<int> PlayAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await PlayWithinAsync(either.Token);
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new DemoException($"Not done within {timeout.TotalSeconds:0} s: {_waitingFor} did not come.", ExitCodes.TimedOut);
        }
    }

    private async Task<int> PlayWithinAsync(CancellationToken cancellationToken)
    {
        await WaitForServicesAsync(cancellationToken);
        await WaitForHostAsync(cancellationToken);
        var begun = _time.GetTimestamp();
        var pull = await emulator.OpenPullRequestAsync(cancellationToken);
        Say($"Opened [link={Markup.Escape(pull.HtmlUrl)}]pull request #{pull.Number}[/] of {Markup.Escape(pull.Repository)}, with a bug in {Markup.Escape(pull.File)}:{pull.Line}.");
        var run = await FindRunAsync(pull, cancellationToken);
        _waitingFor = $"the end of {run.Id}";
        var detail = await new RunFollower(context).FollowAsync(run.Id, cancellationToken);
        var report = await WaitForReportAsync(pull, run.Id, cancellationToken);
        var outcome = DemoOutcome.Judge(pull, detail, report, _time.GetElapsedTime(begun));
        outcome.Write(context, dashboard);
        return outcome.Succeeded ? ExitCodes.Success : ExitCodes.RunFailed;
    }

    private async Task WaitForServicesAsync(CancellationToken cancellationToken)
    {
        while (await context.Client.StatusAsync(cancellationToken) is { Healthy: false } status)
        {
            _waitingFor = $"the health of {string.Join(", ", status.Services.Where(service => !service.Healthy).Select(service => service.Name))}";
            await Task.Delay(LookEvery, _time, cancellationToken);
        }
    }

    /// <summary>A host enrols moments after Scheduler is there. One that lacks something will not come to have it.</summary>
    private async Task WaitForHostAsync(CancellationToken cancellationToken)
    {
        _waitingFor = "a host that holds instances";
        while (true)
        {
            var hosts = (await context.Client.Hosts.ListAsync(cursor: null, PageLimits.Max, cancellationToken)).Items;
            if (hosts.Any(host => host.State == HostState.Ready))
            {
                return;
            }

            if (hosts.FirstOrDefault(host => host.State == HostState.NotReady) is { } lacking)
            {
                var status = (await context.Client.Hosts.ReadAsync(lacking.Id, cancellationToken)).Status;
                var lack = status?.Fingerprint.Shortcomings.FirstOrDefault(item => item.Blocking);
                throw new DemoException($"No host can hold instances. {lacking.Name}: {lack?.Message} {lack?.Cure}".TrimEnd(), ExitCodes.NotReady);
            }

            await Task.Delay(LookEvery, _time, cancellationToken);
        }
    }

    private async Task<RunSummary> FindRunAsync(DemoPull pull, CancellationToken cancellationToken)
    {
        _waitingFor = "the run of the webhook";
        var query = new RunQuery(pull.Repository, pull.Number);
        while (true)
        {
            var runs = (await context.Client.Runs.ListAsync(query, cursor: null, PageLimits.Max, cancellationToken)).Items;
            if (runs.FirstOrDefault(run => run.HeadSha == pull.HeadSha) is { } found)
            {
                return found;
            }

            if (await emulator.FindDeliveryAsync(pull, cancellationToken) is { Refused: true } refused)
            {
                throw new DemoException($"The webhook of the pull request was not taken: {refused.Status}.", ExitCodes.RunFailed);
            }

            await Task.Delay(LookEvery, _time, cancellationToken);
        }
    }

    /// <summary>The report is written beside the run, so it may end a little later.</summary>
    private async Task<DemoReport> WaitForReportAsync(DemoPull pull, RunId run, CancellationToken cancellationToken)
    {
        _waitingFor = "the report on the pull request";
        while ((await context.Client.Runs.Get(run).ReadAsync(cancellationToken)).Report != ReportState.Settled)
        {
            await Task.Delay(LookEvery, _time, cancellationToken);
        }

        return await emulator.ReadReportAsync(pull, cancellationToken);
    }

    private void Say(string markup)
    {
        if (!context.Json)
        {
            context.Console.MarkupLine(markup);
        }
    }
}
