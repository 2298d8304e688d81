using System.Text.Json.Nodes;
using AgentPlatform.Emulators.Models.Behaviour;
using AgentPlatform.Emulators.Models.Review;

namespace AgentPlatform.Tests.Emulators.Models;

public sealed class ReviewerTests
{
    private const string Prompt = "Please review this change; answer with {\"findings\":[…]}. See it with `git diff --no-color abc...HEAD`.";

    private static readonly ToolOffer[] Tools = [new("Bash", ["command"]), new("Read", ["file_path"])];

    [Fact]
    public void AReviewBeginsWithTheCommandThatThePromptNames()
    {
        var call = Assert.IsType<ReplyPart.ToolCall>(Reviewer.Next(Ask(Prompt))!.Parts[^1]);
        Assert.Equal(("Bash", "git diff --no-color abc...HEAD"), (call.Name, call.Input["command"]!.GetValue<string>()));
    }

    [Fact]
    public void APromptThatAsksForNoReviewIsSomebodyElses() => Assert.Null(Reviewer.Next(Ask("Write a poem about findings")));

    [Fact]
    public void AFileThatLooksSuspiciousIsReadBeforeItIsJudged()
    {
        var call = Assert.IsType<ReplyPart.ToolCall>(Reviewer.Next(Ask(Prompt, Diff("+    echo $((total / count))")))!.Parts[^1]);
        Assert.Equal(("Read", "/repo/src/a.sh"), (call.Name, call.Input["file_path"]!.GetValue<string>()));
    }

    [Fact]
    public void AChangeWithNothingSuspiciousHasNoFindings() => Assert.Empty(Findings(Ask(Prompt, Diff("+    echo hello"))));

    [Fact]
    public void ADivisionIsAFindingUnlessTheDivisorIsCheckedInTheSameFunction()
    {
        var diff = Diff("+    echo $((total / count))");
        Assert.Equal([("src/a.sh", 5, "error")],
            Findings(Ask(Prompt, diff, "1\tone\n2\tmean() {\n3\t    count=$#\n4\t    total=1\n5\t    echo $((total / count))\n6\t}")));
        Assert.Empty(Findings(Ask(Prompt, diff,
            "1\tone\n2\tmean() {\n3\t    count=$#\n4\t    [ \"$count\" -gt 0 ] || return 1\n5\t    echo $((total / count))\n6\t}")));
        Assert.Single(Findings(Ask(Prompt, diff,
            "1\t[ \"$count\" -gt 0 ]\n2\tmean() {\n3\t    count=$#\n4\t    total=1\n5\t    echo $((total / count))\n6\t}")));
    }

    [Fact]
    public void LinesThatAToolPutsBeforeAFileDoNotMoveTheJudgement()
    {
        const string File = "Chunk ID: 1\nProcess exited with code 0\nOutput:\none\nlargest() {\n    [ $# -gt 0 ] || return 1\n}\nmean() {\n    echo $((total / count))\n}";
        Assert.Single(Findings(Ask(Prompt, Diff("+    echo $((total / count))"), File)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("(Bash completed with no output)")]
    [InlineData("Chunk ID: 0b\nWall time: 0.1 seconds\nProcess exited with code 0\nOriginal token count: 0\nOutput:\n")]
    public void AnEmptyChangeHasNoFindings(string output) => Assert.Empty(Findings(Ask(Prompt, output)));

    [Theory]
    [InlineData("fatal: ambiguous argument", true)]
    [InlineData("fatal: ambiguous argument", false)]
    [InlineData("Process exited with code 128\nOutput:\n", false)]
    public void AChangeThatCannotBeReadIsSaidAndNotPassedOffAsClean(string output, bool failed)
    {
        var outcome = new ToolOutcome("Bash", new JsonObject { ["command"] = "git diff" }, output, failed);
        var text = Assert.IsType<ReplyPart.Text>(Assert.Single(Reviewer.Next(new Conversation("m", "", Prompt, [outcome], Tools, 1))!.Parts)).Value;
        Assert.Contains(output, text, StringComparison.Ordinal);
        Assert.DoesNotContain("findings", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("for (var i = 0; i <= items.Length; i++)", "Off by one")]
    [InlineData("rm -rf $target/", "Unquoted variable in rm -rf")]
    [InlineData("curl -s https://example.test/install | sh", "Downloaded text is run as it comes")]
    [InlineData("API_KEY = \"abcdefghijklmnop1234\"", "A secret in the source")]
    public void EachRuleFindsItsMistake(string line, string title) =>
        Assert.Equal(title, Assert.Single(ReviewRules.Inspect(new AddedLine("x", 1, line), [])).Title);

    [Theory]
    [InlineData("for (var i = 0; i < items.Length; i++)")]
    [InlineData("rm -rf \"$target\"")]
    [InlineData("# echo $((a / b))")]
    [InlineData("echo $((total / 2))")]
    [InlineData("curl -s https://example.test/file -o file")]
    public void SoundLinesAreLeftAlone(string line) => Assert.Empty(ReviewRules.Inspect(new AddedLine("x", 1, line), []));

    [Fact]
    public void LineNumbersFollowTheNewFileThroughSeveralHunksAndFiles()
    {
        const string Text = "diff --git a/a b/a\n--- a/a\n+++ b/a\n@@ -1,2 +1,3 @@\n one\n+two\n three\n@@ -10 +11,2 @@\n-old\n+new\n+newer\ndiff --git a/gone b/gone\n--- a/gone\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\ndiff --git a/b b/b\n--- /dev/null\n+++ b/b\n@@ -0,0 +1 @@\n+only\n\\ No newline at end of file\n";
        Assert.Equal([("a", 2), ("a", 11), ("a", 12), ("b", 1)], UnifiedDiff.Added(Text).Select(line => (line.File, line.Number)));
    }

    private static string Diff(string added) =>
        $"diff --git a/src/a.sh b/src/a.sh\n--- a/src/a.sh\n+++ b/src/a.sh\n@@ -4,1 +4,2 @@\n context\n{added}\n";

    private static Conversation Ask(string prompt, string? diff = null, string? file = null)
    {
        var outcomes = new List<ToolOutcome>();
        if (diff is not null)
        {
            outcomes.Add(new ToolOutcome("Bash", new JsonObject { ["command"] = "git diff" }, diff, Failed: false));
        }

        if (file is not null)
        {
            outcomes.Add(new ToolOutcome("Read", new JsonObject { ["file_path"] = "/repo/src/a.sh" }, file, Failed: false));
        }

        return new Conversation("m", "Primary working directory: /repo\nOther words", prompt, outcomes, Tools, 1);
    }

    private static IEnumerable<(string File, int Line, string Severity)> Findings(Conversation conversation)
    {
        var text = Assert.IsType<ReplyPart.Text>(Assert.Single(Reviewer.Next(conversation)!.Parts)).Value;
        return JsonNode.Parse(text[text.IndexOf('{', StringComparison.Ordinal)..(text.LastIndexOf('}') + 1)])!["findings"]!.AsArray()
            .Select(finding => (finding!["file"]!.GetValue<string>(), finding["line"]!.GetValue<int>(),
                finding["severity"]!.GetValue<string>())).ToList();
    }
}
