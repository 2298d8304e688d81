using System.Text;
using Services.Sessions.ModelGateway;

namespace AgentPlatform.Tests.Services.Sessions;

/// <summary>What the model gateway lets out: nothing that would make the provider reach somewhere else for an instance that has no network.</summary>
public sealed class AnthropicRequestTests
{
    private const string Model = "\"model\":\"claude-sonnet-4-5\",\"max_tokens\":1000";

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"hello"}],"stream":true}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aGk="}}]}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":[{"type":"text","text":"x"}]}}]}]}""")]
    [InlineData("""{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"Move","input":{"source":{"type":"url","url":"https://a.example"}}}]}]}""")]
    [InlineData("""{"messages":[],"tools":[{"name":"Bash","input_schema":{"type":"object","properties":{"source":{"type":"object"}}}},{"type":"custom","name":"Read"}]}""")]
    public void WhatAnAgentSendsIsForwarded(string fields)
    {
        var request = Read(fields);

        Assert.Null(request.Refusal);
        Assert.Equal(("claude-sonnet-4-5", 1000), (request.Model, request.OutputMax));
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://evil.example/?secret"}}]}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"file_1"}}]}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","url":"https://evil.example"}}]}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{"type":7}}]}]}""", "messages")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"image","source":{"type":"url","url":"https://evil.example"}}]}]}]}""", "messages")]
    [InlineData("""{"messages":[],"system":[{"type":"document","source":{"type":"url","url":"https://evil.example"}}]}""", "system")]
    public void WhatTheProviderWouldHaveToFetchIsRefused(string fields, string named) =>
        Assert.StartsWith(named, Read(fields).Refusal, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"messages":[],"tools":[{"type":"web_fetch_20250910","name":"web_fetch"}]}""")]
    [InlineData("""{"messages":[],"tools":[{"type":"custom","name":"a"},{"type":"web_search_20250305","name":"web_search"}]}""")]
    [InlineData("""{"messages":[],"tools":[{"type":5,"name":"a"}]}""")]
    [InlineData("""{"messages":[],"tools":["web_fetch"]}""")]
    [InlineData("""{"messages":[],"tools":{"type":"web_fetch_20250910"}}""")]
    public void AToolOfTheProvidersIsRefused(string fields) => Assert.StartsWith("tools", Read(fields).Refusal, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"messages":[],"tools":[{"type":"web_fetch_20250910","name":"w"}],"tools":[]}""")]
    [InlineData("""{"messages":[],"tools":[{"type":"web_fetch_20250910","type":"custom","name":"w"}]}""")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://evil.example","type":"base64"}}]}]}""")]
    public void AFieldThatIsThereTwiceIsRefusedSinceTheProviderMayTakeTheOther(string fields) => Assert.Contains("twice", Read(fields).Refusal, StringComparison.Ordinal);

    [Theory]
    [InlineData("mcp_servers")]
    [InlineData("container")]
    [InlineData("anything_new")]
    public void AFieldThatIsNotKnownIsRefusedByName(string field) =>
        Assert.StartsWith(field, Read($$"""{"messages":[],"{{field}}":[]}""").Refusal, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"messages":[]}""")]
    [InlineData("""{"model":5}""")]
    [InlineData("""{"model":"\ud800"}""")]
    public void WhatIsNoRequestIsRefused(string body) => Assert.NotNull(AnthropicRequest.Read(Encoding.UTF8.GetBytes(body), []).Refusal);

    [Fact]
    public void OnlyAllowedModelsAreForwarded()
    {
        Assert.Null(AnthropicRequest.Read(Encoding.UTF8.GetBytes($"{{{Model}}}"), ["claude-sonnet-"]).Refusal);
        Assert.StartsWith("model", AnthropicRequest.Read(Encoding.UTF8.GetBytes($"{{{Model}}}"), ["claude-haiku-"]).Refusal, StringComparison.Ordinal);
    }

    private static AnthropicRequest Read(string fields) => AnthropicRequest.Read(Encoding.UTF8.GetBytes($"{{{Model},{fields[1..]}"), []);
}
