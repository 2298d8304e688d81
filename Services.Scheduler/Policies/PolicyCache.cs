using System.Collections.Concurrent;
using Services.Scheduler.GitHub;

namespace Services.Scheduler.Policies;

/// <summary>Policies by repository and base commit. A commit never changes, so what was read once holds; the oldest go when there are many.</summary>
internal sealed class PolicyCache(GitHubClient github)
{
    private const int EntriesMax = 2_000;
    private readonly ConcurrentDictionary<(string Forge, long Repository, string Sha), PolicyReading> _readings = new();
    private readonly ConcurrentQueue<(string Forge, long Repository, string Sha)> _order = new();

    /// <summary>The policy that stands in the base commit: never the one a change brings along.</summary>
    public async Task<PolicyReading> ReadAsync(string forge, GitHubRepositoryRef repository, string baseSha, CancellationToken cancellationToken)
    {
        var key = (forge, repository.Id, baseSha);
        if (_readings.TryGetValue(key, out var known))
        {
            return known;
        }

        var reading = Read(await github.GetFileAsync(repository, PolicyFile.Path, baseSha, cancellationToken));
        if (_readings.TryAdd(key, reading))
        {
            _order.Enqueue(key);
            if (_order.Count > EntriesMax && _order.TryDequeue(out var oldest))
            {
                _readings.TryRemove(oldest, out _);
            }
        }

        return reading;
    }

    /// <summary>Something that is there, but is no policy, is never taken for none: the change would be let through by rules nobody chose.</summary>
    private static PolicyReading Read(GitHubFile? file) => file is { Fault: { } fault } ? new PolicyReading(null, [fault]) : PolicyReader.Read(file?.Text);
}
