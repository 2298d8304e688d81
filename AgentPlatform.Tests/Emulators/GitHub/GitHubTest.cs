using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Emulators.GitHub;

/// <summary>A test with emulators of its own.</summary>
public abstract class GitHubTest : IAsyncLifetime
{
    protected EmulatorHost Emulators { get; private set; } = null!;

    protected virtual IReadOnlyDictionary<string, string?> Settings => new Dictionary<string, string?>();

    protected virtual TimeProvider? Time => null;

    public virtual async Task InitializeAsync() => Emulators = await EmulatorHost.StartAsync(Settings, Time);

    public virtual async Task DisposeAsync() => await Emulators.DisposeAsync();

    /// <summary>A repository with a pull request from a branch of it.</summary>
    protected async Task<(JsonNode Repository, JsonNode Pull)> OpenPullAsync(string name = "api", string owner = "acme")
    {
        var repository = await Emulators.CreateRepositoryAsync(owner, name,
            new Dictionary<string, string> { ["src/a.txt"] = "one\ntwo\n", ["README.md"] = "# Hello\n" });
        await PushAsync($"{owner}/{name}", "change", new() { ["src/a.txt"] = "one\n2\nthree\n" });
        var pull = await Emulators.ControlAsync($"github/repositories/{owner}/{name}/pulls",
            new { head = "change", title = "A change", body = "Why not" });
        return (repository, pull);
    }

    /// <summary>Pushes a commit to a branch and returns its SHA.</summary>
    protected async Task<string> PushAsync(string repository, string branch, Dictionary<string, string?> files, string? from = null,
        string? user = null) =>
        (await Emulators.ControlAsync($"github/repositories/{repository}/commits",
            new { branch, files, from, user, message = $"Change {branch}" }))["sha"]!.GetValue<string>();

    protected static async Task<(HttpResponseMessage Response, JsonNode Body)> SendAsync(HttpClient client, HttpMethod method, string path,
        object? body = null, string? ifNoneMatch = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (ifNoneMatch is not null)
        {
            request.Headers.TryAddWithoutValidation("If-None-Match", ifNoneMatch);
        }

        var response = await client.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
    }

    protected static Task<(HttpResponseMessage Response, JsonNode Body)> GetAsync(HttpClient client, string path) =>
        SendAsync(client, HttpMethod.Get, path);
}
