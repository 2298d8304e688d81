using System.Text;
using Services.Sessions.Agents;
using Services.Sessions.Agents.ClaudeCode;
using Services.Sessions.Reviews;

namespace AgentPlatform.Tests.Services.Sessions;

/// <summary>What an agent writes, and a pull request's author through it.</summary>
public sealed class AgentTextTests
{
    [Theory]
    [InlineData("ghs_123456_eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxMjM0NTYifQ.c2lnbmF0dXJlLW9mLXRoZS10b2tlbg")]
    [InlineData("ghp_0123456789abcdefghijABCDEFGHIJ012345")]
    [InlineData("github_pat_0123456789abcdefghij_ABCDEFGHIJ")]
    [InlineData("sk-ant-api03-0123456789abcdef")]
    [InlineData("AKIAIOSFODNN7EXAMPLE")]
    [InlineData("-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIIE and no end")]
    [InlineData("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N")]
    public void WhatLooksLikeASecretIsTakenOut(string secret)
    {
        Assert.Equal($"before {Redactor.Mark}", Redactor.Redact($"before {secret}"));
        var answer = ReviewAnswer.Read(Answer($"See {Escaped(secret)}", "a.sh"), ["a.sh"]);
        Assert.Equal($"See {Redactor.Mark}", Assert.Single(answer!.Findings).Message);
    }

    [Fact]
    public void TheCharacterThatPostgresCannotKeepIsReplaced()
    {
        Assert.Equal("a\uFFFDb", Redactor.Redact("a\0b"));
        Assert.Equal("a\uFFFDb", Assert.Single(ReviewAnswer.Read(Answer(@"a\u0000b", "a.sh"), ["a.sh"])!.Findings).Message);
    }

    [Theory]
    [InlineData(@"half \ud83d of one", "half \uFFFD of one")]
    [InlineData(@"the other \uDE00 half", "the other \uFFFD half")]
    [InlineData(@"whole \ud83d\ude00 and half \ud83d", "whole \ud83d\ude00 and half \uFFFD")]
    [InlineData(@"no escape \\ud83d", @"no escape \ud83d")]
    public void HalfACharacterIsReplacedAndTheRestStays(string escaped, string text)
    {
        var said = Assert.IsType<AgentEvent.MessageDelta>(Assert.Single(Line($$$"""{"type":"assistant","message":{"content":[{"type":"text","text":"{{{escaped}}}"}]}}""")));
        Assert.Equal(text, said.Text);
        Assert.Equal(text, Assert.Single(ReviewAnswer.Read(Answer(escaped, "a.sh"), ["a.sh"])!.Findings).Message);
    }

    [Fact]
    public void TheKindOfALineNeedNotComeFirstAndTheFlagSaysWhetherItFailed()
    {
        var events = Line("""{"usage":{"input_tokens":3,"cache_read_input_tokens":4,"output_tokens":5},"is_error":true,"terminal_reason":"api_error","subtype":"success","result":"no","num_turns":2,"type":"result"}""");

        Assert.Equal([new AgentEvent.Usage(7, 5), new AgentEvent.TurnEnded(TurnEnd.ModelError, "no", 2, "no")], events);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not JSON")]
    [InlineData("{")]
    [InlineData("""{"type":"a kind of tomorrow"}""")]
    [InlineData("""{"type":5}""")]
    [InlineData("""{"type":"assistant","message":"text"}""")]
    public void WhatIsNotUnderstoodIsPassedOver(string line) => Assert.Empty(Line(line));

    [Fact]
    public void BytesThatAreNoTextArePassedOver() =>
        Assert.Empty(ClaudeCodeOutput.Read(new byte[] { (byte)'{', (byte)'"', (byte)'t', (byte)'y', (byte)'p', (byte)'e', (byte)'"', (byte)':', (byte)'"', 0xFF, (byte)'"', (byte)'}' }));

    [Theory]
    [InlineData("""{"file":"other.sh","line":1,"severity":"error","message":"m"}""")]
    [InlineData("""{"file":"../a.sh","line":1,"severity":"error","message":"m"}""")]
    [InlineData("""{"file":"a.sh","line":0,"severity":"error","message":"m"}""")]
    [InlineData("""{"file":"a.sh","line":1.5,"severity":"error","message":"m"}""")]
    [InlineData("""{"file":"a.sh","line":"1","severity":"error","message":"m"}""")]
    [InlineData("""{"file":"a.sh","line":1,"severity":"fatal","message":"m"}""")]
    [InlineData("""{"file":"a.sh","line":1,"severity":"error","message":""}""")]
    [InlineData("""{"file":"a.sh","line":1,"severity":"error"}""")]
    [InlineData("5")]
    public void AFindingThatIsNotOfTheFormOrNotAboutTheChangeIsLeftOut(string finding)
    {
        var answer = ReviewAnswer.Read($$"""{"summary":"s","findings":[{{finding}},{"file":"./a.sh","line":2,"severity":"notice","title":"t","message":"m"}]}""", ["a.sh"]);

        Assert.Equal(("a.sh", 2, 1), (Assert.Single(answer!.Findings).File, answer.Findings[0].Line, answer.Dropped));
    }

    [Fact]
    public void TheAnswerIsTheLastBlockOfItsFormAndNoMoreThanTheMost()
    {
        var many = string.Join(',', Enumerable.Repeat("""{"file":"a.sh","line":1,"severity":"notice","message":"m"}""", 600));
        var answer = ReviewAnswer.Read($"First:\n```json\n{{\"findings\":[]}}\n```\nthen:\n```json\n{{\"findings\":[{many}]}}\n```\n```\nno answer\n```", ["a.sh"]);

        Assert.Equal((500, 100), (answer!.Findings.Count, answer.Dropped));
    }

    [Theory]
    [InlineData("I found nothing.")]
    [InlineData("```json\n{\"findings\":5}\n```")]
    [InlineData("```json\n[]\n```")]
    public void AnAnswerOfAnotherFormIsNone(string text) => Assert.Null(ReviewAnswer.Read(text, ["a.sh"]));

    private static IReadOnlyList<AgentEvent> Line(string line) => ClaudeCodeOutput.Read(Encoding.UTF8.GetBytes(line));

    private static string Answer(string message, string file) => $$"""{"findings":[{"file":"{{file}}","line":1,"severity":"error","title":"t","message":"{{message}}"}]}""";

    private static string Escaped(string text) => text.Replace("\n", "\\n", StringComparison.Ordinal);
}
