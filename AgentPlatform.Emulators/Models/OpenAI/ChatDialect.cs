using System.Text.Json.Nodes;
using AgentPlatform.Emulators.Models.Behaviour;

namespace AgentPlatform.Emulators.Models.OpenAI;

/// <summary>The Chat Completions API, which most other agents speak.</summary>
internal sealed class ChatDialect : IModelDialect
{
    public string Api => "openai";

    public JsonObject Error(int status, string message, string requestId) => OpenAIErrors.Error(status, message);

    public (Conversation? Conversation, string? Refusal) Read(HttpRequest request, JsonObject body)
    {
        if (OpenAIMessages.Text(body["model"]) is not { Length: > 0 } model)
        {
            return (null, "you must provide a model parameter");
        }

        if (body["messages"] is not JsonArray { Count: > 0 } given)
        {
            return (null, "Missing required parameter: 'messages'.");
        }

        var messages = given.OfType<JsonObject>().ToList();
        var prompt = messages.FindLastIndex(message =>
            OpenAIMessages.Text(message["role"]) == "user" && OpenAIMessages.Prompt(message["content"]).Length > 0);
        var system = string.Join('\n', messages.Select(message => OpenAIMessages.Words(message["content"])));
        var tools = (body["tools"] as JsonArray ?? []).OfType<JsonObject>().Select(tool => tool["function"] as JsonObject)
            .Where(tool => OpenAIMessages.Text(tool?["name"]) is not null)
            .Select(tool => new ToolOffer(OpenAIMessages.Text(tool!["name"])!, OpenAIMessages.Parameters(tool["parameters"])));
        return (new Conversation(
            model, system, prompt < 0 ? string.Empty : OpenAIMessages.Prompt(messages[prompt]["content"]),
            Outcomes(messages.Skip(prompt + 1)), [.. tools], Math.Max(1, body.ToJsonString().Length / 4)), null);
    }

    public async Task WriteAsync(HttpContext context, JsonObject body, Conversation conversation, Reply reply, TimeProvider time)
    {
        var stream = new EventStream(context, reply.Manner, time);
        var (id, created) = ($"chatcmpl-{Guid.NewGuid():N}", time.GetUtcNow().ToUnixTimeSeconds());
        var text = string.Join("\n\n", reply.Parts.OfType<ReplyPart.Text>().Select(part => part.Value));
        var calls = reply.Parts.OfType<ReplyPart.ToolCall>().Select((call, index) => new JsonObject
        {
            ["index"] = index,
            ["id"] = $"call_{Guid.NewGuid():N}",
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Input.ToJsonString() },
        }).ToList();
        var finish = reply.CallsTools ? "tool_calls" : "stop";
        if (!ModelExchange.Streams(body))
        {
            calls.ForEach(call => call.Remove("index"));
            var message = new JsonObject { ["role"] = "assistant", ["content"] = text.Length == 0 ? null : text, ["refusal"] = null };
            if (calls.Count > 0)
            {
                message["tool_calls"] = new JsonArray([.. calls]);
            }

            await stream.CutIfDueAsync();
            await (stream.IsCut ? Task.CompletedTask : context.Response.WriteAsJsonAsync(
                Envelope("chat.completion", new JsonArray(new JsonObject
                {
                    ["index"] = 0,
                    ["message"] = message,
                    ["logprobs"] = null,
                    ["finish_reason"] = finish,
                }), withUsage: true), context.RequestAborted));
            return;
        }

        stream.Begin();
        await SendAsync(new JsonObject { ["role"] = "assistant", ["content"] = string.Empty }, null);
        await foreach (var piece in stream.PiecesAsync(text))
        {
            await SendAsync(new JsonObject { ["content"] = piece }, null);
        }

        foreach (var call in calls)
        {
            await SendAsync(new JsonObject { ["tool_calls"] = new JsonArray(call) }, null);
        }

        await stream.CutIfDueAsync();
        await SendAsync([], finish);
        if (body["stream_options"]?["include_usage"] is JsonValue wanted && wanted.TryGetValue<bool>(out var withUsage) && withUsage)
        {
            await stream.SendAsync(null, Envelope("chat.completion.chunk", [], withUsage: true));
        }

        await stream.SendAsync("[DONE]");

        Task SendAsync(JsonObject delta, string? reason) =>
            stream.SendAsync(null, Envelope("chat.completion.chunk",
                new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["finish_reason"] = reason }), withUsage: false));

        JsonObject Envelope(string kind, JsonArray choices, bool withUsage)
        {
            var envelope = new JsonObject
            {
                ["id"] = id,
                ["object"] = kind,
                ["created"] = created,
                ["model"] = conversation.Model,
                ["choices"] = choices,
            };
            if (withUsage)
            {
                envelope["usage"] = new JsonObject
                {
                    ["prompt_tokens"] = conversation.InputTokens,
                    ["completion_tokens"] = reply.OutputTokens,
                    ["total_tokens"] = conversation.InputTokens + reply.OutputTokens,
                };
            }

            return envelope;
        }
    }

    private static List<ToolOutcome> Outcomes(IEnumerable<JsonObject> messages)
    {
        var (calls, outcomes) = (new Dictionary<string, JsonObject>(StringComparer.Ordinal), new List<ToolOutcome>());
        foreach (var message in messages)
        {
            foreach (var call in (message["tool_calls"] as JsonArray ?? []).OfType<JsonObject>())
            {
                calls[OpenAIMessages.Text(call["id"]) ?? string.Empty] = call;
            }

            if (OpenAIMessages.Text(message["role"]) == "tool" &&
                calls.TryGetValue(OpenAIMessages.Text(message["tool_call_id"]) ?? string.Empty, out var answered))
            {
                outcomes.Add(new ToolOutcome(
                    OpenAIMessages.Text(answered["function"]?["name"]) ?? string.Empty,
                    OpenAIMessages.Arguments(answered["function"]?["arguments"]), OpenAIMessages.Words(message["content"]), Failed: false));
            }
        }

        return outcomes;
    }
}
