using System.Text.Json.Nodes;
using AgentPlatform.Emulators.Models.Behaviour;

namespace AgentPlatform.Emulators.Models.OpenAI;

/// <summary>The Responses API, which Codex speaks.</summary>
internal sealed class ResponsesDialect : IModelDialect
{
    public string Api => "openai";

    public JsonObject Error(int status, string message, string requestId) => OpenAIErrors.Error(status, message);

    public (Conversation? Conversation, string? Refusal) Read(HttpRequest request, JsonObject body)
    {
        if (OpenAIMessages.Text(body["model"]) is not { Length: > 0 } model)
        {
            return (null, "Missing required parameter: 'model'.");
        }

        List<JsonObject> items = body["input"] switch
        {
            JsonArray given => [.. given.OfType<JsonObject>()],
            JsonValue text => [new JsonObject { ["role"] = "user", ["content"] = OpenAIMessages.Text(text) }],
            _ => [],
        };
        if (items.Count == 0)
        {
            return (null, "Missing required parameter: 'input'.");
        }

        var prompt = items.FindLastIndex(item =>
            OpenAIMessages.Text(item["role"]) == "user" && OpenAIMessages.Prompt(item["content"]).Length > 0);
        var system = string.Join('\n', items.Select(item => OpenAIMessages.Words(item["content"]))
            .Prepend(OpenAIMessages.Text(body["instructions"]) ?? string.Empty));
        var tools = (body["tools"] as JsonArray ?? []).OfType<JsonObject>().Where(tool => OpenAIMessages.Text(tool["name"]) is not null)
            .Select(tool => new ToolOffer(OpenAIMessages.Text(tool["name"])!, OpenAIMessages.Parameters(tool["parameters"])));
        return (new Conversation(
            model, system, prompt < 0 ? string.Empty : OpenAIMessages.Prompt(items[prompt]["content"]), Outcomes(items.Skip(prompt + 1)),
            [.. tools], Math.Max(1, body.ToJsonString().Length / 4)), null);
    }

    public async Task WriteAsync(HttpContext context, JsonObject body, Conversation conversation, Reply reply, TimeProvider time)
    {
        var response = Response(conversation, reply, time);
        var stream = new EventStream(context, reply.Manner, time);
        if (!ModelExchange.Streams(body))
        {
            await stream.CutIfDueAsync();
            await (stream.IsCut ? Task.CompletedTask : context.Response.WriteAsJsonAsync(response, context.RequestAborted));
            return;
        }

        stream.Begin();
        var sequence = 0;
        var begun = (JsonObject)response.DeepClone();
        (begun["status"], begun["output"], begun["usage"]) = ("in_progress", new JsonArray(), null);
        await SendAsync("response.created", new JsonObject { ["response"] = begun });
        foreach (var (index, node) in response["output"]!.AsArray().Index())
        {
            await WriteItemAsync(stream, SendAsync, index, node!.AsObject());
        }

        await stream.CutIfDueAsync();
        await SendAsync("response.completed", new JsonObject { ["response"] = response.DeepClone() });

        Task SendAsync(string type, JsonObject data)
        {
            (data["type"], data["sequence_number"]) = (type, sequence++);
            return stream.SendAsync(type, data);
        }
    }

    private static async Task WriteItemAsync(EventStream stream, Func<string, JsonObject, Task> send, int index, JsonObject item)
    {
        var isCall = item["type"]!.GetValue<string>() == "function_call";
        var begun = (JsonObject)item.DeepClone();
        (begun["status"], begun[isCall ? "arguments" : "content"]) = ("in_progress", isCall ? string.Empty : new JsonArray());
        await send("response.output_item.added", new JsonObject { ["output_index"] = index, ["item"] = begun });
        var text = isCall ? item["arguments"]!.GetValue<string>() : item["content"]![0]!["text"]!.GetValue<string>();
        var kind = isCall ? "response.function_call_arguments" : "response.output_text";
        if (!isCall)
        {
            await send("response.content_part.added",
                Place(new JsonObject { ["part"] = new JsonObject { ["type"] = "output_text", ["text"] = string.Empty, ["annotations"] = new JsonArray() } }));
        }

        await foreach (var piece in stream.PiecesAsync(text))
        {
            await send($"{kind}.delta", Place(new JsonObject { ["delta"] = piece }));
        }

        await send($"{kind}.done", Place(new JsonObject { [isCall ? "arguments" : "text"] = text }));
        if (!isCall)
        {
            await send("response.content_part.done", Place(new JsonObject { ["part"] = item["content"]![0]!.DeepClone() }));
        }

        await send("response.output_item.done", new JsonObject { ["output_index"] = index, ["item"] = item.DeepClone() });

        JsonObject Place(JsonObject data)
        {
            (data["item_id"], data["output_index"]) = (item["id"]!.GetValue<string>(), index);
            if (!isCall)
            {
                data["content_index"] = 0;
            }

            return data;
        }
    }

    private static List<ToolOutcome> Outcomes(IEnumerable<JsonObject> items)
    {
        var (calls, outcomes) = (new Dictionary<string, JsonObject>(StringComparer.Ordinal), new List<ToolOutcome>());
        foreach (var item in items)
        {
            var (type, id) = (OpenAIMessages.Text(item["type"]), OpenAIMessages.Text(item["call_id"]) ?? string.Empty);
            if (type == "function_call")
            {
                calls[id] = item;
            }
            else if (type == "function_call_output" && calls.TryGetValue(id, out var call))
            {
                outcomes.Add(new ToolOutcome(OpenAIMessages.Text(call["name"]) ?? string.Empty,
                    OpenAIMessages.Arguments(call["arguments"]), OpenAIMessages.Words(item["output"]), Failed: false));
            }
        }

        return outcomes;
    }

    private static JsonObject Response(Conversation conversation, Reply reply, TimeProvider time) => new()
    {
        ["id"] = $"resp_{Guid.NewGuid():N}",
        ["object"] = "response",
        ["created_at"] = time.GetUtcNow().ToUnixTimeSeconds(),
        ["status"] = "completed",
        ["error"] = null,
        ["incomplete_details"] = null,
        ["model"] = conversation.Model,
        ["output"] = new JsonArray([.. reply.Parts.Select(part => part switch
        {
            ReplyPart.ToolCall call => new JsonObject
            {
                ["type"] = "function_call", ["id"] = $"fc_{Guid.NewGuid():N}", ["call_id"] = $"call_{Guid.NewGuid():N}",
                    ["name"] = call.Name, ["arguments"] = call.Input.ToJsonString(), ["status"] = "completed",
            },
            ReplyPart.Text text => new JsonObject
            {
                ["type"] = "message",
                ["id"] = $"msg_{Guid.NewGuid():N}",
                ["status"] = "completed",
                ["role"] = "assistant",
                ["content"] = new JsonArray(new JsonObject
                {
                    ["type"] = "output_text",
                    ["text"] = text.Value,
                    ["annotations"] = new JsonArray(),
                }),
            },
            _ => throw new InvalidOperationException($"No such part of an answer: {part}"),
        })]),
        ["parallel_tool_calls"] = true,
        ["usage"] = new JsonObject
        {
            ["input_tokens"] = conversation.InputTokens,
            ["input_tokens_details"] = new JsonObject { ["cached_tokens"] = 0 },
            ["output_tokens"] = reply.OutputTokens,
            ["output_tokens_details"] = new JsonObject { ["reasoning_tokens"] = 0 },
            ["total_tokens"] = conversation.InputTokens + reply.OutputTokens,
        },
    };
}
