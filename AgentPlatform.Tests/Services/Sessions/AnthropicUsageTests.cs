using System.Text;
using Services.Sessions.ModelGateway;

namespace AgentPlatform.Tests.Services.Sessions;

public sealed class AnthropicUsageTests
{
    private const string Stream =
        """
        event: message_start
        data: {"type":"message_start","message":{"id":"msg_1","usage":{"input_tokens":100,"cache_read_input_tokens":20,"cache_creation_input_tokens":3,"output_tokens":1}}}

        event: content_block_delta
        data: {"type":"content_block_delta","delta":{"type":"text_delta","text":"\"usage\":{\"output_tokens\":9999}"}}

        event: message_delta
        data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":57}}


        """;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(100_000)]
    public void AStreamIsCountedWhereverItIsCut(int size)
    {
        var usage = new AnthropicUsage(stream: true);
        foreach (var piece in Encoding.UTF8.GetBytes(Stream).Chunk(size))
        {
            usage.Pass(piece);
        }

        Assert.Equal(new ModelUsage(123, 57), usage.Total);
    }

    [Fact]
    public void WhatCameBeforeAStreamBrokeIsCounted()
    {
        var usage = new AnthropicUsage(stream: true);
        usage.Pass(Encoding.UTF8.GetBytes(Stream[..Stream.IndexOf("event: message_delta", StringComparison.Ordinal)]));

        Assert.Equal(new ModelUsage(123, 1), usage.Total);
    }

    [Fact]
    public void ABodyIsCountedWhole()
    {
        var usage = new AnthropicUsage(stream: false);
        usage.Pass("""{"id":"msg_1","usage":{"input_tokens":4,"""u8);
        usage.Pass(""" "output_tokens":5}}"""u8);

        Assert.Equal(new ModelUsage(4, 5), usage.Total);
    }

    [Theory]
    [InlineData("""{"message":"upstream failed"}""")]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error"}}""")]
    [InlineData("[1]")]
    [InlineData("<html>")]
    [InlineData("")]
    public void AnAnswerOfAnotherFormCountsNothing(string body)
    {
        var usage = new AnthropicUsage(stream: false);
        usage.Pass(Encoding.UTF8.GetBytes(body));

        Assert.Equal(default, usage.Total);
    }
}
