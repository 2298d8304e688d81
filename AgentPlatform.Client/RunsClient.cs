using System.Globalization;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Client;

/// <summary>Which runs are listed; null asks for all.</summary>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="PullRequest">A pull request's number.</param>
/// <param name="Phase">Where they stand, in lower snake case.</param>
/// <param name="Conclusion">How they ended, in lower snake case.</param>
/// <param name="Workflow">The workflow's name.</param>
public sealed record RunQuery(string? Repository = null, int? PullRequest = null, string? Phase = null, string? Conclusion = null, string? Workflow = null);

/// <summary><c>/api/v1/runs</c>.</summary>
public sealed class RunsClient
{
    private const string Path = "api/v1/runs";

    private readonly AgentPlatformClient _client;

    internal RunsClient(AgentPlatformClient client) => _client = client;

    /// <summary>Runs a pull request's head now; where its runs are under way, they are the answer.</summary>
    /// <param name="request">What to run.</param>
    /// <param name="idempotencyKey">A name for this wish: repeated with it, the request is the same request. Null makes one.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public Task<StartedRuns> StartAsync(CreateRunRequest request, string? idempotencyKey, CancellationToken cancellationToken) => _client.PostAsync(
        Path, request, RunsJsonContext.Default.CreateRunRequest, RunsJsonContext.Default.StartedRuns, idempotencyKey ?? Guid.NewGuid().ToString("N"), cancellationToken);

    /// <summary>A page of runs, newest first.</summary>
    public Task<Page<RunSummary>> ListAsync(RunQuery query, string? cursor, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        var path = new StringBuilder(Path).Append(CultureInfo.InvariantCulture, $"?limit={limit}");
        Append(path, "repository", query.Repository);
        Append(path, "pullRequest", query.PullRequest?.ToString(CultureInfo.InvariantCulture));
        Append(path, "phase", query.Phase);
        Append(path, "conclusion", query.Conclusion);
        Append(path, "workflow", query.Workflow);
        Append(path, "cursor", cursor);
        return _client.GetAsync(path.ToString(), RunsJsonContext.Default.PageRunSummary, cancellationToken);
    }

    /// <summary>Counts and times of the last hours.</summary>
    public Task<RunStatistics> StatisticsAsync(string? repository, int hours, CancellationToken cancellationToken)
    {
        var path = new StringBuilder(Path).Append(CultureInfo.InvariantCulture, $"/statistics?hours={hours}");
        Append(path, "repository", repository);
        return _client.GetAsync(path.ToString(), RunsJsonContext.Default.RunStatistics, cancellationToken);
    }

    /// <summary>One run, to be looked at, followed and steered.</summary>
    public RunHandle Get(RunId id) => new(_client, id);

    private static void Append(StringBuilder path, string name, string? value)
    {
        if (value is not null)
        {
            path.Append('&').Append(name).Append('=').Append(Uri.EscapeDataString(value));
        }
    }
}
