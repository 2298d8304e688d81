using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.State;

namespace AgentPlatform.Emulators.GitHub.Checks;

/// <summary>What happens to check runs and their suites.</summary>
internal sealed class CheckRunService(GitHubState state, Webhooks webhooks, TimeProvider time)
{
    /// <summary>GitHub keeps no more runs of one name in a suite than this; the oldest goes.</summary>
    private const int SameNameMax = 1000;

    public CheckRun Create(Repository repository, CheckRunFields fields)
    {
        lock (state.Gate)
        {
            var suite = SuiteOf(repository, fields.HeadSha!);
            var run = new CheckRun
            {
                Id = state.NextId(),
                Suite = suite,
                Name = fields.Name!,
                HeadSha = fields.HeadSha!,
                StartedAt = time.GetUtcNow(),
            };
            var namesakes = repository.CheckRuns.Where(other => other.Suite == suite && other.Name == run.Name).ToList();
            if (namesakes.Count >= SameNameMax)
            {
                repository.CheckRuns.Remove(namesakes[0]);
            }

            repository.CheckRuns.Add(run);
            Apply(run, fields);
            return run;
        }
    }

    public void Update(CheckRun run, CheckRunFields fields)
    {
        lock (state.Gate)
        {
            Apply(run, fields);
        }
    }

    /// <summary>Somebody asks for a run again: the suite starts anew, the run itself is the App's to change.</summary>
    public void Rerequest(Repository repository, CheckRun run, Account sender)
    {
        lock (state.Gate)
        {
            run.Suite.Reset = true;
            run.Suite.UpdatedAt = time.GetUtcNow();
            webhooks.CheckRunRerequested(repository, run, sender);
        }
    }

    /// <summary>Somebody presses a button of a run.</summary>
    public void Press(Repository repository, CheckRun run, string identifier, Account sender)
    {
        lock (state.Gate)
        {
            webhooks.CheckRunActionRequested(repository, run, identifier, sender);
        }
    }

    private CheckSuite SuiteOf(Repository repository, string sha)
    {
        if (repository.Suites.Find(suite => suite.HeadSha == sha) is { } existing)
        {
            return existing;
        }

        var now = time.GetUtcNow();
        // A suite knows the branch only when the commit was pushed here, not to a fork.
        var branch = repository.Pulls.FindLast(pull => pull.Change.HeadSha == sha && !pull.IsFork)?.HeadRef;
        var suite = new CheckSuite { Id = state.NextId(), HeadSha = sha, HeadBranch = branch, CreatedAt = now, UpdatedAt = now };
        repository.Suites.Add(suite);
        return suite;
    }

    private void Apply(CheckRun run, CheckRunFields fields)
    {
        run.Name = fields.Name ?? run.Name;
        run.DetailsUrl = fields.DetailsUrl ?? run.DetailsUrl;
        run.ExternalId = fields.ExternalId ?? run.ExternalId;
        run.StartedAt = fields.StartedAt ?? run.StartedAt;
        run.Actions = fields.Actions ?? run.Actions;
        if (fields.Conclusion is not null)
        {
            (run.Status, run.Conclusion, run.CompletedAt) = ("completed", fields.Conclusion, fields.CompletedAt ?? time.GetUtcNow());
        }
        else if (fields.Status is not null && fields.Status != "completed")
        {
            (run.Status, run.Conclusion, run.CompletedAt) = (fields.Status, null, null);
        }

        if (fields.Output is { } output)
        {
            (run.Title, run.Summary, run.Text) = (output.Title ?? run.Title, output.Summary ?? run.Summary, output.Text ?? run.Text);
            run.Annotations.AddRange(output.Annotations);
        }

        run.Suite.Reset = false;
        run.Suite.UpdatedAt = time.GetUtcNow();
    }
}
