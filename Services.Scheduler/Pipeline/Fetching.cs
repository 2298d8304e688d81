using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Runs;
using AgentPlatform.ServiceDefaults.GitHub;
using AgentPlatform.ServiceDefaults.HostCalls;
using Microsoft.Extensions.Options;
using Services.Scheduler.GitHub;
using Services.Scheduler.Runs;

namespace Services.Scheduler.Pipeline;

/// <summary>Gets the commit into the instance, by the forge's ref for the pull request and checked against the SHA; never by a branch's name.</summary>
internal sealed class Fetching(GitHubTokens tokens, IOptionsMonitor<GitHubOptions> options)
{
    /// <summary>A token for this one fetch, or null where no App is configured.</summary>
    public async Task<SecretText?> MintAsync(RunRow run, CancellationToken cancellationToken) => options.CurrentValue.IsConfigured
        ? new SecretText(await tokens.ForFetchAsync(run.InstallationId, run.RepositoryId, cancellationToken))
        : null;

    public static async Task EnsureAsync(RunJob job, SecretText? token, CancellationToken cancellationToken)
    {
        var run = job.Run;
        try
        {
            job.Workspace = await job.Host.PrepareWorkspaceAsync(
                job.Instance,
                new PrepareWorkspaceRequest(job.Generation, new RepositorySource(run.Forge, run.RepositoryId, run.Repository), Ref(run), run.HeadSha, run.BaseSha, token),
                cancellationToken);
        }
        catch (HostCallException error) when (error.Code is HostProblemCodes.HeadMoved)
        {
            throw new RunDecidedException(RunConclusion.Superseded, "the head moved on before it could be fetched");
        }
    }

    private static string? Ref(RunRow run) => run.PullRequest is { } number ? $"refs/pull/{number}/head" : null;
}
