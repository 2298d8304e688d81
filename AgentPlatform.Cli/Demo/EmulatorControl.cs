using System.Net.Http.Json;
using System.Text.Json;

namespace AgentPlatform.Cli.Demo;

/// <summary>A pull request that the emulator opened, and where its bug is.</summary>
/// <param name="Repository"><c>owner/name</c>.</param>
/// <param name="RepositoryId">The repository.</param>
/// <param name="Number">Its number.</param>
/// <param name="HeadSha">Its commit.</param>
/// <param name="HtmlUrl">Its page.</param>
/// <param name="File">The file with the bug.</param>
/// <param name="Line">The line with the bug, from 1.</param>
internal sealed record DemoPull(string Repository, long RepositoryId, int Number, string HeadSha, string HtmlUrl, string File, int Line);

/// <summary>An annotation as it stands on the pull request.</summary>
internal sealed record DemoAnnotation(string File, int Line, string Level, string Title, string Message);

/// <summary>A check run as it stands on the pull request.</summary>
internal sealed record DemoCheck(string Name, string Status, string? Conclusion, string ExternalId, IReadOnlyList<DemoAnnotation> Annotations);

/// <summary>What the platform wrote on a pull request.</summary>
internal sealed record DemoReport(IReadOnlyList<DemoCheck> Checks, int Comments);

/// <summary>How the platform answered a webhook.</summary>
/// <param name="Status">GitHub's word for it, <c>pending</c> before the answer.</param>
/// <param name="StatusCode">The answer's status; null without one.</param>
internal sealed record DemoDelivery(string Status, int? StatusCode)
{
    public bool Refused => Status != "pending" && StatusCode is not (>= 200 and < 300);
}

/// <summary>The control of the GitHub emulator.</summary>
/// <param name="address">Its base address.</param>
internal sealed class EmulatorControl(Uri address) : IDisposable
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(30);
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = AnswerMax };

    /// <summary>Opens a pull request with a bug; its webhook is sent within this call or right behind it.</summary>
    public async Task<DemoPull> OpenPullRequestAsync(CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "control/github/demo") { Content = JsonContent.Create(new { }) };
        var pull = await SendAsync(request, cancellationToken);
        return new DemoPull(
            Text(pull, "repository"), pull.GetProperty("repositoryId").GetInt64(), pull.GetProperty("number").GetInt32(), Text(pull, "headSha"), Text(pull, "htmlUrl"), Text(pull, "file"), pull.GetProperty("line").GetInt32());
    }

    /// <summary>What stands on the pull request now.</summary>
    public async Task<DemoReport> ReadReportAsync(DemoPull pull, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"control/github/repositories/{pull.Repository}/state");
        var state = await SendAsync(request, cancellationToken);
        var checks = state.GetProperty("checkRuns").EnumerateArray().Where(check => Text(check, "head_sha") == pull.HeadSha).Select(Check);
        var comments = state.GetProperty("comments").EnumerateArray().Count(comment => Text(comment, "issue_url").EndsWith($"/issues/{pull.Number}", StringComparison.Ordinal));
        return new DemoReport([.. checks], comments);
    }

    /// <summary>The newest webhook that says a pull request was opened there; null while there is none.</summary>
    public async Task<DemoDelivery?> FindDeliveryAsync(DemoPull pull, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"control/github/deliveries?event=pull_request&action=opened&repositoryId={pull.RepositoryId}");
        var deliveries = await SendAsync(request, cancellationToken);
        var newest = deliveries.EnumerateArray().OrderByDescending(delivery => delivery.GetProperty("deliveredAt").GetDateTimeOffset()).Take(1);
        return newest.Select(delivery => new DemoDelivery(Text(delivery, "status"), delivery.GetProperty("statusCode") is { ValueKind: JsonValueKind.Number } code ? code.GetInt32() : null))
            .FirstOrDefault();
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            using var response = await _http.SendAsync(request, cancellationToken);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken);
        }
        catch (Exception failure) when (failure is HttpRequestException or JsonException || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            throw new DemoException(
                $"The GitHub emulator at {_http.BaseAddress} does not answer; it is part of a Development system without a GitHub App of its own.", ExitCodes.Unreachable);
        }
    }

    private static DemoCheck Check(JsonElement check) => new(
        Text(check, "name"), Text(check, "status"), check.GetProperty("conclusion").GetString(), Text(check, "external_id"),
        [.. check.GetProperty("annotations").EnumerateArray().Select(item => new DemoAnnotation(
            Text(item, "path"), item.GetProperty("start_line").GetInt32(), Text(item, "annotation_level"), Text(item, "title"), Text(item, "message")))]);

    private static string Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : string.Empty;
}
