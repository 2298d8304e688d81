using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>A pull request of the emulated GitHub, with the webhook that its opening would send.</summary>
/// <param name="Repository">Its repository's full name.</param>
/// <param name="Number">Its number.</param>
/// <param name="Payload">The body of <c>pull_request.opened</c>.</param>
internal sealed record OpenedPull(string Repository, int Number, string Payload);

/// <summary>The control API of the GitHub emulator: makes repositories and pull requests, and hands out the webhooks it would send.</summary>
internal sealed class Emulator(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = new Uri(address, "control/github/") };

    /// <summary>Makes a repository with a policy, with the App installed for its owner.</summary>
    public async Task CreateRepositoryAsync(string owner, string name, string policy) => await PostAsync("repositories", new JsonObject
    {
        ["owner"] = owner,
        ["name"] = name,
        ["files"] = new JsonObject { [".agentplatform.yml"] = policy, ["README.md"] = "A repository for measuring.\n" },
    });

    /// <summary>Commits one file to a branch, made when there is none.</summary>
    public async Task CommitAsync(string repository, string branch, string text) => await PostAsync($"repositories/{repository}/commits", new JsonObject
    {
        ["branch"] = branch,
        ["files"] = new JsonObject { ["change.txt"] = text },
        ["from"] = "main",
    });

    /// <summary>Opens a pull request.</summary>
    public async Task OpenPullAsync(string repository, string branch) =>
        await PostAsync($"repositories/{repository}/pulls", new JsonObject { ["head"] = branch, ["title"] = $"Change {branch}" });

    /// <summary>The webhooks of all pull requests that were opened, oldest first.</summary>
    public async Task<IReadOnlyList<OpenedPull>> OpenedAsync()
    {
        var deliveries = await _http.GetFromJsonAsync<JsonElement>("deliveries?event=pull_request&action=opened");
        var opened = new List<OpenedPull>();
        foreach (var delivery in deliveries.EnumerateArray().Reverse())
        {
            var whole = await _http.GetFromJsonAsync<JsonElement>($"deliveries/{delivery.GetProperty("id").GetInt64()}");
            var payload = whole.GetProperty("payload").GetString()!;
            var facts = JsonNode.Parse(payload)!;
            opened.Add(new OpenedPull(facts["repository"]!["full_name"]!.GetValue<string>(), facts["number"]!.GetValue<int>(), payload));
        }

        return opened;
    }

    /// <summary>How many calls of the API were made since the last look, by method and kind of path.</summary>
    public async Task<IReadOnlyDictionary<string, int>> TakeCallsAsync()
    {
        var calls = await _http.GetFromJsonAsync<JsonElement>("calls");
        using var cleared = await _http.SendAsync(new HttpRequestMessage(HttpMethod.Delete, "calls") { Content = JsonContent.Create(new JsonObject()) });
        cleared.EnsureSuccessStatusCode();
        return calls.EnumerateArray()
            .Select(call => $"{call.GetProperty("method").GetString()} {PathShape.Of(call.GetProperty("path").GetString()!)}")
            .CountBy(shape => shape).ToDictionary();
    }

    public void Dispose() => _http.Dispose();

    private async Task PostAsync(string path, JsonObject body)
    {
        using var answer = await _http.PostAsJsonAsync(path, body);
        if (!answer.IsSuccessStatusCode)
        {
            throw new InvalidOperationException($"The emulator answered {(int)answer.StatusCode} to {path}: {await answer.Content.ReadAsStringAsync()}");
        }
    }
}
