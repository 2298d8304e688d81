using System.Diagnostics;
using System.Text.Json.Nodes;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Emulators.Models;

/// <summary>The real program against the emulator: what it accepts, a model's API must look like.</summary>
public sealed class ClaudeCodeTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _work = new();
    private EmulatorHost _emulators = null!;

    public async Task InitializeAsync() => _emulators = await EmulatorHost.StartAsync();

    public async Task DisposeAsync()
    {
        await _emulators.DisposeAsync();
        _work.Dispose();
    }

    [ClaudeCodeFact]
    public async Task ATextTurnCompletes()
    {
        var lines = await ClaudeCode.RunAsync(_emulators, _work.Path, "Say hello");
        Assert.Equal("init", lines[0]["subtype"]!.GetValue<string>());
        var result = Result(lines);
        Assert.Equal(("success", false, "echo: Say hello"),
            (result["subtype"]!.GetValue<string>(), result["is_error"]!.GetValue<bool>(), result["result"]!.GetValue<string>()));
        var call = Assert.Single((await _emulators.InspectAsync("models/calls")).AsArray())!;
        Assert.Equal(("anthropic", "valid", true),
            (call["api"]!.GetValue<string>(), call["key"]!.GetValue<string>(), call["streamed"]!.GetValue<bool>()));
    }

    [ClaudeCodeFact]
    public async Task ToolTurnsRunRealCommandsAndWriteRealFilesThroughAnOverload()
    {
        var lines = await ClaudeCode.RunAsync(
            _emulators, _work.Path, "BASH: echo made > made.txt\nANSWER: 529 x2\nWRITE: notes.txt | two\\nlines\nSAY: All done",
            ["--permission-mode", "bypassPermissions"]);
        Assert.Equal("All done", Result(lines)["result"]!.GetValue<string>());
        Assert.Equal("made\n", await File.ReadAllTextAsync(Path.Combine(_work.Path, "made.txt")));
        Assert.Equal("two\nlines", await File.ReadAllTextAsync(Path.Combine(_work.Path, "notes.txt")));
        Assert.Equal(2, lines.Count(line => line["subtype"]?.GetValue<string>() == "api_retry"));
    }

    [ClaudeCodeFact]
    public async Task AnAnswerCutInTheMiddleIsAskedForAgain()
    {
        var lines = await ClaudeCode.RunAsync(_emulators, _work.Path, $"CUT:\nSAY: {string.Join(' ', Enumerable.Repeat("word", 100))}");
        Assert.False(Result(lines)["is_error"]!.GetValue<bool>());
        Assert.Equal([0, 200], (await _emulators.InspectAsync("models/calls")).AsArray().Select(call => call!["status"]!.GetValue<int>()));
    }

    [ClaudeCodeFact]
    public async Task AWrongKeyEndsTheTurnAndIsSeen()
    {
        var lines = await ClaudeCode.RunAsync(_emulators, _work.Path, "Say hello", key: "sk-leaked-elsewhere");
        Assert.True(Result(lines)["is_error"]!.GetValue<bool>());
        var calls = (await _emulators.InspectAsync("models/calls")).ToJsonString();
        Assert.Contains("\"wrong\"", calls, StringComparison.Ordinal);
        Assert.DoesNotContain("sk-leaked-elsewhere", calls, StringComparison.Ordinal);
    }

    [ClaudeCodeFact]
    public async Task AReviewFindsTheDemosBugAtItsLineByReadingTheChangeThroughTools()
    {
        var pull = await _emulators.ControlAsync("github/demo", new { });
        var token = await _emulators.TokenAsync((await _emulators.InspectAsync("github/repositories"))[0]!);
        await GitAsync("-c",
            $"http.extraHeader=Authorization: Basic {Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes($"x-access-token:{token}"))}", "clone", "--quiet", "--branch", "average-1", $"{_emulators.GitUrl}/octo-demo/statistics.git", ".");
        const string Prompt = """
            Review the change under review. See it with `git diff --no-color origin/main...HEAD` and read what you need.
            End with a JSON object: {"findings":[{"file":"src/x.sh","line":12,"severity":"error|warning|notice","title":"…","message":"…"}]}
            """;
        var lines = await ClaudeCode.RunAsync(_emulators, _work.Path, Prompt,
            ["--tools", "Bash,Read", "--allowedTools", "Bash(git diff:*)", "Read"]);
        var result = Result(lines);
        Assert.Empty(result["permission_denials"]!.AsArray());
        var text = result["result"]!.GetValue<string>();
        var finding = Assert.Single(JsonNode.Parse(text[text.IndexOf('{',
            StringComparison.Ordinal)..(text.LastIndexOf('}') + 1)])!["findings"]!.AsArray())!;
        Assert.Equal((pull["file"]!.GetValue<string>(), pull["line"]!.GetValue<int>(), "error"),
            (finding["file"]!.GetValue<string>(), finding["line"]!.GetValue<int>(), finding["severity"]!.GetValue<string>()));
        Assert.Equal(["Bash", "Read"], lines.SelectMany(line => line["message"]?["content"] as JsonArray ?? [])
            .Where(block => block!["type"]?.GetValue<string>() == "tool_use").Select(block => block!["name"]!.GetValue<string>()));
    }

    private static JsonNode Result(IReadOnlyList<JsonNode> lines) => lines.Single(line => line["type"]!.GetValue<string>() == "result");

    private async Task GitAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = _work.Path })!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await process.WaitForExitAsync(deadline.Token);
        Assert.Equal(0, process.ExitCode);
    }
}
