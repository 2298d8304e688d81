using System.Text;
using System.Text.Json.Nodes;
using Services.Webhooks.Payloads;

namespace AgentPlatform.Tests.Services.Webhooks;

public sealed class PayloadScannerTests
{
    [Fact]
    public void APullRequestSaysWhereToLook()
    {
        var facts = PayloadScanner.Scan(Payloads.PullRequest())!;

        Assert.Equal(("opened", 7L, 42L), (facts.Action, facts.PullRequest, facts.InstallationId));
        Assert.Equal((Payloads.HeadSha, Payloads.BaseSha), (facts.HeadSha, facts.BaseSha));
        Assert.Equal((186853002L, "octo-org/octo-repo", "octocat"), (facts.RepositoryId, facts.Repository, facts.Sender));
        Assert.Null(facts.Label);
    }

    [Fact]
    public void ACommentOnAPullRequestNamesItsNumberAndOneOnAnIssueDoesNot()
    {
        static PayloadFacts Scan(string issue) =>
            PayloadScanner.Scan(Encoding.UTF8.GetBytes($$$"""{"action":"created","issue":{{{issue}}},"comment":{"id":99,"body":"/review","user":{"id":1} } }"""))!;

        Assert.Equal((12, 99), (Scan("""{"number":12,"pull_request":{"number":3}}""").PullRequest, Scan("""{"number":12,"pull_request":{}}""").CommentId));
        Assert.Equal(12, Scan("""{"pull_request":{"url":"u"},"number":12}""").PullRequest);
        Assert.Null(Scan("""{"number":12}""").PullRequest);
        Assert.Null(Scan("""{"number":12,"pull_request":null}""").PullRequest);
    }

    [Fact]
    public void ACheckRunSaysWhichOneItIs()
    {
        var facts = PayloadScanner.Scan(Encoding.UTF8.GetBytes($$$"""
            {"action":"requested_action","check_run":{"id":4,"head_sha":"{{{Payloads.HeadSha}}}","external_id":"run_x","check_suite":{"id":5,"head_sha":"no"}},
             "requested_action":{"identifier":"fix"}}
            """))!;

        Assert.Equal((4L, 5L, "run_x", "fix"), (facts.CheckRunId, facts.CheckSuiteId, facts.ExternalId, facts.RequestedAction));
        Assert.Equal(Payloads.HeadSha, facts.HeadSha);
    }

    [Fact]
    public void APushAndAMergeGroupNameRefAndCommit()
    {
        var push = PayloadScanner.Scan(Encoding.UTF8.GetBytes($$"""{"ref":"refs/heads/main","before":"{{Payloads.BaseSha}}","after":"{{Payloads.HeadSha}}"}"""))!;
        var deleted = PayloadScanner.Scan(Encoding.UTF8.GetBytes($$"""{"ref":"refs/heads/main","after":"{{new string('0', 40)}}"}"""))!;
        var group = PayloadScanner.Scan(Encoding.UTF8.GetBytes(
            $$$"""{"merge_group":{"head_sha":"{{{Payloads.HeadSha}}}","base_sha":"{{{Payloads.BaseSha}}}","head_ref":"refs/heads/gh-readonly-queue/main/pr-1"}}"""))!;

        Assert.Equal(("refs/heads/main", Payloads.HeadSha), (push.Ref, push.HeadSha));
        Assert.Null(deleted.HeadSha);
        Assert.Equal((Payloads.HeadSha, Payloads.BaseSha, "refs/heads/gh-readonly-queue/main/pr-1"), (group.HeadSha, group.BaseSha, group.Ref));
    }

    [Theory]
    [InlineData("""{"pull_request":{"number":"7"}}""")]
    [InlineData("""{"pull_request":{"number":-7}}""")]
    [InlineData("""{"pull_request":{"number":7.5}}""")]
    [InlineData("""{"pull_request":{"number":99999999999999999999}}""")]
    [InlineData("""{"pull_request":{"number":{"a":[1,{"number":7}]}}}""")]
    [InlineData("""{"pull_request":[{"number":7}]}""")]
    [InlineData("""{"pull_request":null}""")]
    public void ANumberOfAnotherFormIsNoHint(string payload) => Assert.Null(PayloadScanner.Scan(Encoding.UTF8.GetBytes(payload))!.PullRequest);

    [Theory]
    [InlineData("--upload-pack=id")]
    [InlineData("34C5C7793CB3B279E22454CB6750C80560547B3A")]
    [InlineData("34c5c7793cb3b279e22454cb6750c80560547b3")]
    [InlineData("")]
    public void WhatIsNoCommitIsNoHint(string sha) =>
        Assert.Null(PayloadScanner.Scan(Payloads.Encode(new JsonObject { ["pull_request"] = new JsonObject { ["head"] = new JsonObject { ["sha"] = sha } } }))!.HeadSha);

    [Theory]
    [InlineData("octo-org")]
    [InlineData("octo/org/repo")]
    [InlineData("/repo")]
    [InlineData("octo/")]
    [InlineData("octo/re po")]
    public void WhatIsNoRepositoryNameIsNoHint(string name) =>
        Assert.Null(PayloadScanner.Scan(Payloads.Encode(new JsonObject { ["repository"] = new JsonObject { ["full_name"] = name } }))!.Repository);

    [Theory]
    [InlineData("""{"action":"\u0000"}""")]
    [InlineData("""{"action":"\ud800"}""")]
    [InlineData("""{"action":""}""")]
    [InlineData("""{"action":["opened"]}""")]
    public void TextThatCannotBeKeptIsNoHint(string payload) => Assert.Null(PayloadScanner.Scan(Encoding.UTF8.GetBytes(payload))!.Action);

    [Fact]
    public void BytesThatAreNotUtf8AreNoHint() => Assert.Null(PayloadScanner.Scan([.. "{\"action\":\""u8, 0xff, 0xfe, .. "\"}"u8])!.Action);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("{}{}")]
    [InlineData("{} x")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"action":"opened" "b":1}""")]
    [InlineData("""{"\ud800":1}""")]
    public void WhatIsNotOneCompleteObjectIsRefused(string payload) => Assert.Null(PayloadScanner.Scan(Encoding.UTF8.GetBytes(payload)));

    [Fact]
    public void EveryTruncationOfAPayloadIsRefused()
    {
        var payload = Payloads.PullRequest();

        for (var length = 0; length < payload.Length; length++)
        {
            Assert.Null(PayloadScanner.Scan(payload.AsSpan(0, length)));
        }
    }

    [Fact]
    public void NoMutationOfAPayloadIsAnError()
    {
        var payload = Payloads.PullRequest();
        var random = new Random(20_260);
        for (var round = 0; round < 20_000; round++)
        {
            var mutant = payload.ToArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                mutant[random.Next(mutant.Length)] = (byte)random.Next(256);
            }

            // Whether a mutant is JSON is for the reader to say; it must not throw.
            PayloadScanner.Scan(mutant);
        }
    }

    [Theory]
    [InlineData("payload=%7B%22a%22%3A+1%7D", """{"a": 1}""")]
    [InlineData("x=1&payload={}&y=2", "{}")]
    [InlineData("payload=", "")]
    [InlineData("payload=%C3%A4+%2B", "ä +")]
    public void TheFieldOfAFormIsDecoded(string form, string payload)
    {
        var buffer = new byte[form.Length];

        Assert.True(FormPayload.TryDecode(Encoding.UTF8.GetBytes(form), buffer, out var written));
        Assert.Equal(payload, Encoding.UTF8.GetString(buffer, 0, written));
    }

    [Theory]
    [InlineData("")]
    [InlineData("other={}")]
    [InlineData("payload")]
    [InlineData("payload=%7")]
    [InlineData("payload=%zz")]
    [InlineData("payload={}&payload={}")]
    public void AFormWithoutOneReadableFieldIsRefused(string form) => Assert.False(FormPayload.TryDecode(Encoding.UTF8.GetBytes(form), new byte[form.Length], out _));
}
