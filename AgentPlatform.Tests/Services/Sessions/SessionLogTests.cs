using AgentPlatform.Contracts;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Services.Sessions.Agents;
using Services.Sessions.Events;
using Services.Sessions.Storage;

namespace AgentPlatform.Tests.Services.Sessions;

public sealed class SessionLogTests : SessionsTest
{
    /// <summary>An event that cannot be written would be read from the agent's output again and again, and the review never end.</summary>
    [Theory]
    [InlineData("a\0b")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nMIIE and no end")]
    [InlineData("-----BEGIN PRIVATE KEY-----\"},{\"x\":\"-----END PRIVATE KEY-----")]
    [InlineData("half \ud83d")]
    public async Task WhateverAnAgentPrintsIsKept(string text)
    {
        var session = SessionId.New(TimeProvider.System);
        AgentEvent[] events = [new AgentEvent.ToolCall("1", "Bash", text), new AgentEvent.ToolUpdate("1", false, text), new AgentEvent.TurnEnded(TurnEnd.AgentError, text, 1, text)];

        await Node.Services.GetRequiredService<SessionLog>().AppendAsync(session, Ownership.Of(ServiceNames.Scheduler), 1, events, CancellationToken.None);

        var kept = await Node.Services.GetRequiredService<SessionEventReader>().PageAsync(session, 0, 10, CancellationToken.None);
        Assert.Equal(3, kept.Count);
        Assert.Equal("Bash", kept[0].Data.GetProperty("name").GetString());
        Assert.DoesNotContain("MIIE", kept[1].Data.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventsThatAreWrittenAgainChangeNothing()
    {
        var (session, log) = (SessionId.New(TimeProvider.System), Node.Services.GetRequiredService<SessionLog>());
        AgentEvent[] events = [new AgentEvent.MessageDelta("one"), new AgentEvent.MessageDelta("two")];
        await log.AppendAsync(session, Ownership.Of(ServiceNames.Scheduler), 1, events, CancellationToken.None);
        await log.AppendAsync(session, Ownership.Of(ServiceNames.Scheduler), 1, events, CancellationToken.None);

        await using var scope = Node.Services.CreateAsyncScope();
        Assert.Equal([1L, 2L], await scope.ServiceProvider.GetRequiredService<SessionsDbContext>().SessionEvents.OrderBy(row => row.Sequence).Select(row => row.Sequence).ToListAsync());
    }
}
