using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Emulators.Models;

public sealed class OpenAITests : IAsyncLifetime
{
    private EmulatorHost _emulators = null!;
    private HttpClient _client = null!;

    public async Task InitializeAsync()
    {
        _emulators = await EmulatorHost.StartAsync();
        _client = new HttpClient { BaseAddress = new Uri($"{_emulators.Url}/openai/v1/") };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", EmulatorHost.ModelKey);
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _emulators.DisposeAsync();
    }

    [Fact]
    public async Task AResponsesStreamEndsWithTheCompletedResponse()
    {
        object[] tools = [new { type = "function", name = "exec_command", parameters = new { properties = new { cmd = new { } } } }];
        var events = await StreamAsync(new
        {
            model = "gpt-5-codex",
            stream = true,
            tools,
            input = new[] { new { role = "user", content = new[] { new { type = "input_text", text = "SAY: Looking\nBASH: ls" } } } },
        });
        Assert.Equal("response.created", events[0]["type"]!.GetValue<string>());
        var completed = events[^1];
        Assert.Equal("response.completed", completed["type"]!.GetValue<string>());
        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => e["sequence_number"]!.GetValue<int>()));
        Assert.Equal(["message", "function_call"], completed["response"]!["output"]!.AsArray()
            .Select(item => item!["type"]!.GetValue<string>()));
        Assert.Equal("""{"cmd":"ls"}""", string.Concat(events.Where(e => e["type"]!.GetValue<string>() == "response.function_call_arguments.delta").Select(e => e["delta"]!.GetValue<string>())));
    }

    [Fact]
    public async Task AToolsOutputLeadsToTheNextStep()
    {
        object[] input =
        [
            new { role = "user", content = "BASH: ls\nSAY: That was all" },
            new { type = "function_call", call_id = "c1", name = "exec_command", arguments = """{"cmd":"ls"}""" },
            new { type = "function_call_output", call_id = "c1", output = "a.txt" },
        ];
        object[] tools = [new { type = "function", name = "exec_command", parameters = new { properties = new { cmd = new { } } } }];
        using var response = await _client.PostAsJsonAsync("responses", new { model = "gpt-5", tools, input });
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync())!;
        Assert.Equal("That was all", body["output"]![0]!["content"]![0]!["text"]!.GetValue<string>());
    }

    [Fact]
    public async Task AChatCompletionIsGivenWholeAndAsAStream()
    {
        object[] messages = [new { role = "system", content = "Be brief" }, new { role = "user", content = "Say hello" }];
        using var whole = await _client.PostAsJsonAsync("chat/completions", new { model = "gpt-5", messages });
        Assert.Equal("echo: Say hello",
            JsonNode.Parse(await whole.Content.ReadAsStringAsync())!["choices"]![0]!["message"]!["content"]!.GetValue<string>());
        using var streamed = await _client.PostAsJsonAsync("chat/completions",
            new { model = "gpt-5", messages, stream = true, stream_options = new { include_usage = true } });
        var lines = (await streamed.Content.ReadAsStringAsync()).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal("data: [DONE]", lines[^1]);
        var chunks = lines[..^1].Select(line => JsonNode.Parse(line["data: ".Length..])!).ToList();
        Assert.Equal("echo: Say hello",
            string.Concat(chunks.Select(chunk => (string?)chunk["choices"]!.AsArray().FirstOrDefault()?["delta"]?["content"])));
        Assert.True(chunks[^1]["usage"]!["total_tokens"]!.GetValue<int>() > 0);
    }

    [Fact]
    public async Task AChatToolCallIsFollowedByItsOutcome()
    {
        object[] tools = [new
        {
            type = "function",
            function = new { name = "developer__shell", parameters = new { properties = new { command = new { } } } },
        }];
        object[] messages = [new { role = "user", content = "BASH: ls\nSAY: Done then" }];
        using var first = await _client.PostAsJsonAsync("chat/completions", new { model = "gpt-5", tools, messages });
        var message = JsonNode.Parse(await first.Content.ReadAsStringAsync())!["choices"]![0]!["message"]!;
        Assert.Equal("developer__shell", message["tool_calls"]![0]!["function"]!["name"]!.GetValue<string>());
        object[] next = [.. messages, message,
            new { role = "tool", tool_call_id = message["tool_calls"]![0]!["id"]!.GetValue<string>(), content = "a.txt" }];
        using var second = await _client.PostAsJsonAsync("chat/completions", new { model = "gpt-5", tools, messages = next });
        Assert.Equal("Done then", JsonNode.Parse(await second.Content.ReadAsStringAsync())!["choices"]![0]!["message"]![
            "content"]!.GetValue<string>());
    }

    [Fact]
    public async Task WithoutTheKeyNothingIsAnswered()
    {
        _client.DefaultRequestHeaders.Authorization = null;
        foreach (var path in new[] { "responses", "chat/completions" })
        {
            using var response = await _client.PostAsJsonAsync(path,
                new { model = "gpt-5", input = "x", messages = new[] { new { role = "user", content = "x" } } });
            Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
            Assert.Equal("invalid_api_key",
                JsonNode.Parse(await response.Content.ReadAsStringAsync())!["error"]!["code"]!.GetValue<string>());
        }

        using var models = await _client.GetAsync("models");
        Assert.Equal(HttpStatusCode.Unauthorized, models.StatusCode);
    }

    private async Task<List<JsonNode>> StreamAsync(object body)
    {
        using var response = await _client.PostAsJsonAsync("responses", body);
        var text = await response.Content.ReadAsStringAsync();
        return [.. text.Split("\n\n", StringSplitOptions.RemoveEmptyEntries)
            .Select(record => JsonNode.Parse(record.Split('\n')[1]["data: ".Length..])!)];
    }
}
