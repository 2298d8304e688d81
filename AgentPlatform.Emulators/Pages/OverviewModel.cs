using System.Globalization;
using AgentPlatform.Emulators.GitHub.Api;
using AgentPlatform.Emulators.GitHub.Hooks;
using AgentPlatform.Emulators.GitHub.Repositories;
using AgentPlatform.Emulators.GitHub.State;
using AgentPlatform.Emulators.Models.Control;

namespace AgentPlatform.Emulators.Pages;

#pragma warning disable CS1591 // Public only because Razor makes its components public; the names say what the page shows.

/// <summary>A check in one letter.</summary>
public sealed record CheckSign(string Name, string Sign, string Colour)
{
    internal static CheckSign Of(CheckRun run) => run switch
    {
        { Status: not "completed" } => new CheckSign(run.Name, "●", "running"),
        { Conclusion: "success" } => new CheckSign(run.Name, "✓", "good"),
        { Conclusion: "skipped" or "neutral" } => new CheckSign(run.Name, "–", "faint"),
        _ => new CheckSign(run.Name, "✗", "bad"),
    };
}

/// <summary>What the overview shows, as of one moment.</summary>
public sealed record OverviewModel(
    IReadOnlyList<OverviewModel.PullRow> Pulls, IReadOnlyList<OverviewModel.RepositoryRow> Repositories, string? Target,
    IReadOnlyList<OverviewModel.DeliveryRow> Deliveries, IReadOnlyList<OverviewModel.CallRow> Calls)
{
    private const int RowsMax = 50;

    public sealed record PullRow(string Repository, int Number, string Title, string Path, string State, string Head,
        IReadOnlyList<CheckSign> Checks);

    public sealed record RepositoryRow(string Name, bool Private, string CloneUrl);

    public sealed record DeliveryRow(long Id, string Time, string Event, string? Action, string DeliveryGuid, string Status, string Colour,
        bool Redelivery);

    public sealed record CallRow(DateTimeOffset At, string Api, string? Model, int Status, string Key, int Outcomes, int InputTokens,
        int OutputTokens, string Prompt, string Answer);

    internal static OverviewModel Of(GitHubState state, Urls urls, HookTarget target, Deliveries deliveries, ModelCalls calls)
    {
        lock (state.Gate)
        {
            var pulls = state.Repositories.SelectMany(repository => repository.Pulls).OrderByDescending(pull => pull.UpdatedAt)
                .Take(RowsMax).Select(pull => new PullRow(
                pull.Repository.FullName, pull.Number, pull.Title,
                $"{urls.Options.BasePath}/{pull.Repository.FullName}/pull/{pull.Number}", StateOf(pull), pull.Change.HeadSha[..7],
                [.. pull.Repository.CheckRuns.Where(run => run.HeadSha == pull.Change.HeadSha).GroupBy(run => run.Name)
                .Select(group => CheckSign.Of(group.Last()))]));
            return new OverviewModel(
                [.. pulls],
                [.. state.Repositories.Select(repository =>
                new RepositoryRow(repository.FullName, repository.Private, urls.Html(repository) + ".git"))],
                target.Current.Url,
                [.. deliveries.List().Take(RowsMax).Select(Row)],
                [.. calls.List().TakeLast(RowsMax).Reverse().Select(call => new CallRow(
                    call.At, call.Api, call.Model, call.Status, call.Key, call.Outcomes, call.InputTokens, call.OutputTokens, call.Prompt,
                    call.Answer))]);
        }
    }

    internal static string StateOf(PullRequest pull) => pull switch
    {
        { MergedAt: not null } => "merged",
        { Open: false } => "closed",
        { Draft: true } => "draft",
        _ => "open",
    };

    private static DeliveryRow Row(Delivery delivery) => new(
        delivery.Id, delivery.DeliveredAt.ToString("HH:mm:ss", CultureInfo.InvariantCulture), delivery.Event, delivery.Action,
        delivery.Guid,
        delivery.Outcome is { } outcome ? $"{outcome.StatusCode} {outcome.Status}" : "on its way",
            delivery.Outcome?.Succeeded switch { true => "good", false => "bad", null => "running" }, delivery.Redelivery);
}
