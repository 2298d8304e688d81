using System.Net;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Services.Sessions.ModelGateway;
using Services.Sessions.Storage;

namespace AgentPlatform.Tests.Services.Sessions;

/// <summary>The model gateway, before the model emulator.</summary>
public sealed class ModelGatewayTests : SessionsTest
{
    private const string Hello = """{"model":"claude-sonnet-4-5","max_tokens":500,"messages":[{"role":"user","content":"Say hello"}]}""";

    private protected override Dictionary<string, string?> Settings => new() { ["Models:Budget:CallsMax"] = "3", ["Models:Budget:TokensMax"] = "100000" };

    [Fact]
    public async Task ACallIsAnsweredWithTheKeyAddedHereAndItsTokensAreCounted()
    {
        using var whole = await Node.CallModelAsync(await TokenAsync(), Hello);
        var usage = JsonNode.Parse(await whole.Content.ReadAsStringAsync())!["usage"]!;
        using var streamed = await Node.CallModelAsync(await TokenAsync(), Hello.Replace("\"max_tokens\"", "\"stream\":true,\"max_tokens\"", StringComparison.Ordinal));
        Assert.Contains("message_stop", await streamed.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (whole.StatusCode, streamed.StatusCode));
        var rows = await SpendAsync();
        Assert.Equal((usage["input_tokens"]!.GetValue<long>(), usage["output_tokens"]!.GetValue<long>()), (rows[0].InputTokens, rows[0].OutputTokens));
        Assert.All(rows, row => Assert.True(row is { InputTokens: > 0, OutputTokens: > 0, ReservedTokens: 0, CostUsd: > 0, Status: 200 }));
    }

    [Fact]
    public async Task WithoutALiveTokenNothingIsForwarded()
    {
        var revoked = SessionsNode.Request();
        var tokens = Node.Services.GetRequiredService<RunTokens>();
        var old = await tokens.IssueAsync(revoked, TimeSpan.FromMinutes(1), CancellationToken.None);
        await tokens.RevokeAsync(revoked.Session, CancellationToken.None);
        foreach (var token in (string?[])[null, "apm_no-such-token", old, await tokens.IssueAsync(SessionsNode.Request(), TimeSpan.Zero, CancellationToken.None)])
        {
            using var answer = await Node.CallModelAsync(token, Hello);
            Assert.Equal((HttpStatusCode.Unauthorized, "unauthenticated"), (answer.StatusCode, await CodeAsync(answer)));
        }

        Assert.Empty(await SpendAsync());
    }

    [Fact]
    public async Task WhatLeadsOutOfTheInstanceIsRefusedInTheProvidersFormWithACode()
    {
        using var answer = await Node.CallModelAsync(
            await TokenAsync(),
            """{"model":"claude-sonnet-4-5","max_tokens":5,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://evil.example/"}}]}]}""");

        Assert.Equal((HttpStatusCode.BadRequest, "invalid_request"), (answer.StatusCode, await CodeAsync(answer)));
        Assert.Equal("false", Assert.Single(answer.Headers.GetValues("x-should-retry")));
        Assert.Empty(await SpendAsync());
    }

    [Fact]
    public async Task TheBudgetIsReservedBeforeACallAlsoBeforeTheFirst()
    {
        var greedy = Hello.Replace("500", "100001", StringComparison.Ordinal);
        using var first = await Node.CallModelAsync(await TokenAsync(), greedy);
        Assert.Equal((HttpStatusCode.TooManyRequests, "rate_limited"), (first.StatusCode, await CodeAsync(first)));

        var token = await TokenAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Node.CallModelAsync(token, Hello)));
        Assert.Equal((3, 5), (answers.Count(answer => answer.IsSuccessStatusCode), answers.Count(answer => answer.StatusCode == HttpStatusCode.TooManyRequests)));
        Array.ForEach(answers, answer => answer.Dispose());
    }

    [Fact]
    public void OneSessionCannotTakeTheRoomOfTheOthers()
    {
        var bodies = new CallBodies(sessionMax: 10, max: 25);
        var (one, two, three) = (SessionsNode.Request().Session, SessionsNode.Request().Session, SessionsNode.Request().Session);
        using var first = bodies.TryTake(one, 10);
        Assert.NotNull(first);
        Assert.Null(bodies.TryTake(one, 1));
        using var second = bodies.TryTake(two, 10);
        Assert.NotNull(second);
        Assert.Null(bodies.TryTake(three, 6));
        first.Dispose();
        first.Dispose();
        using var third = bodies.TryTake(three, 10);
        Assert.NotNull(third);
        Assert.Null(bodies.TryTake(one, 6));
    }

    [Fact]
    public async Task ABodyThatIsTooLargeIsRefused()
    {
        using var answer = await Node.CallModelAsync(await TokenAsync(), new string(' ', (32 * 1024 * 1024) + 1));
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "payload_too_large"), (answer.StatusCode, await CodeAsync(answer)));
    }

    private Task<string> TokenAsync() => Node.Services.GetRequiredService<RunTokens>().IssueAsync(SessionsNode.Request(), TimeSpan.FromMinutes(1), CancellationToken.None);

    private async Task<List<SpendRow>> SpendAsync()
    {
        await using var scope = Node.Services.CreateAsyncScope();
        return await scope.ServiceProvider.GetRequiredService<SessionsDbContext>().Spend.AsNoTracking().OrderBy(row => row.Id).ToListAsync();
    }

    private static async Task<string?> CodeAsync(HttpResponseMessage answer) => JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]?.GetValue<string>();
}
