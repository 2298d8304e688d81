using System.Text.Json.Nodes;
using AgentPlatform.Emulators.Models.Behaviour;

namespace AgentPlatform.Emulators.Models.Anthropic;

/// <summary>The Messages API: a JSON answer, or the stream of events that its clients read.</summary>
internal sealed class AnthropicDialect : IModelDialect
{
    public string Api => "anthropic";

    public (Conversation? Conversation, string? Refusal) Read(HttpRequest request, JsonObject body) =>
        request.Headers["anthropic-version"].Count == 0 ? (null, "anthropic-version: header is required")
            : AnthropicRequest.Read(body, counting: false);

    public JsonObject Error(int status, string message, string requestId) => new()
    {
        ["type"] = "error",
        ["error"] = new JsonObject
        {
            ["type"] = status switch
            {
                400 => "invalid_request_error",
                401 => "authentication_error",
                403 => "permission_error",
                404 => "not_found_error",
                413 => "request_too_large",
                429 => "rate_limit_error",
                529 => "overloaded_error",
                _ => "api_error",
            },
            ["message"] = message,
        },
        ["request_id"] = requestId,
    };

    public async Task WriteAsync(HttpContext context, JsonObject body, Conversation conversation, Reply reply, TimeProvider time)
    {
        var message = Message(conversation, reply);
        var stream = new EventStream(context, reply.Manner, time);
        if (!ModelExchange.Streams(body))
        {
            await stream.CutIfDueAsync();
            await (stream.IsCut ? Task.CompletedTask : context.Response.WriteAsJsonAsync(message, context.RequestAborted));
            return;
        }

        stream.Begin();
        await stream.SendAsync("message_start", new JsonObject { ["type"] = "message_start", ["message"] = Begun(message) });
        await stream.SendAsync("ping", new JsonObject { ["type"] = "ping" });
        foreach (var (index, block) in message["content"]!.AsArray().Index())
        {
            await WriteBlockAsync(stream, index, block!.AsObject());
        }

        await stream.CutIfDueAsync();
        await stream.SendAsync("message_delta", new JsonObject
        {
            ["type"] = "message_delta",
            ["delta"] = new JsonObject { ["stop_reason"] = message["stop_reason"]!.DeepClone(), ["stop_sequence"] = null },
            ["usage"] = new JsonObject { ["output_tokens"] = reply.OutputTokens },
        });
        await stream.SendAsync("message_stop", new JsonObject { ["type"] = "message_stop" });
    }

    private static async Task WriteBlockAsync(EventStream stream, int index, JsonObject block)
    {
        var isTool = block["type"]!.GetValue<string>() == "tool_use";
        var begun = (JsonObject)block.DeepClone();
        begun[isTool ? "input" : "text"] = isTool ? new JsonObject() : string.Empty;
        await stream.SendAsync("content_block_start",
            new JsonObject { ["type"] = "content_block_start", ["index"] = index, ["content_block"] = begun });
        var text = isTool ? block["input"]!.ToJsonString() : block["text"]!.GetValue<string>();
        await foreach (var piece in stream.PiecesAsync(text))
        {
            await stream.SendAsync("content_block_delta", new JsonObject
            {
                ["type"] = "content_block_delta",
                ["index"] = index,
                ["delta"] = isTool
                    ? new JsonObject { ["type"] = "input_json_delta", ["partial_json"] = piece }
                    : new JsonObject { ["type"] = "text_delta", ["text"] = piece },
            });
        }

        await stream.SendAsync("content_block_stop", new JsonObject { ["type"] = "content_block_stop", ["index"] = index });
    }

    private static JsonObject Message(Conversation conversation, Reply reply) => new()
    {
        ["id"] = $"msg_{Guid.NewGuid():N}",
        ["type"] = "message",
        ["role"] = "assistant",
        ["model"] = conversation.Model,
        ["content"] = new JsonArray([.. reply.Parts.Select(part => part switch
        {
            ReplyPart.ToolCall call => new JsonObject
            {
                ["type"] = "tool_use",
                ["id"] = $"toolu_{Guid.NewGuid():N}",
                ["name"] = call.Name,
                ["input"] = call.Input.DeepClone(),
            },
            ReplyPart.Text text => new JsonObject { ["type"] = "text", ["text"] = text.Value },
            _ => throw new InvalidOperationException($"No such part of an answer: {part}"),
        })]),
        ["stop_reason"] = reply.CallsTools ? "tool_use" : "end_turn",
        ["stop_sequence"] = null,
        ["usage"] = new JsonObject
        {
            ["input_tokens"] = conversation.InputTokens,
            ["cache_creation_input_tokens"] = 0,
            ["cache_read_input_tokens"] = 0,
            ["output_tokens"] = reply.OutputTokens,
            ["service_tier"] = "standard",
        },
    };

    /// <summary>The message as its stream begins: no content yet, and hardly a token written.</summary>
    private static JsonObject Begun(JsonObject message)
    {
        var begun = (JsonObject)message.DeepClone();
        begun["content"] = new JsonArray();
        begun["stop_reason"] = null;
        begun["usage"]!["output_tokens"] = 1;
        return begun;
    }
}
