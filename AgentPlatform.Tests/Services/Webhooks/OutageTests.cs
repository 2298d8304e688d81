using System.Net;
using AgentPlatform.Contracts;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Services.Webhooks.Publishing;
using Services.Webhooks.Receiving;

namespace AgentPlatform.Tests.Services.Webhooks;

/// <summary>What happens to deliveries when a process or a store goes away.</summary>
public sealed class OutageTests : WebhooksTest
{
    [Fact]
    public async Task WhatWasCommittedAndNotPublishedIsPublishedByTheSweep()
    {
        // A process that dies between commit and publish leaves a row and nothing else: the publisher of this one never runs.
        await using (var dying = await WebhooksNode.StartAsync(Database, Redis, new() { ["Webhooks:Publishing:SweepInterval"] = "01:00:00" }, WithoutPublisher))
        {
            using var request = Payloads.Request(Payloads.PullRequest());
            Assert.Equal(HttpStatusCode.Accepted, (await dying.SendAsync(request)).Status);
            Assert.Empty(await dying.EntriesAsync());
        }

        await MakeDueAsync();
        await using var node = await StartAsync();

        await Eventually.TrueAsync(async () => (await node.PublishedAsync()).Count == 1, "published by the sweep");
        Assert.Equal((7L, Payloads.HeadSha), ((await node.PublishedAsync())[0].PullRequest, (await node.PublishedAsync())[0].HeadSha));
    }

    [Theory]
    [InlineData("body = '\\x00ff00ff'")]
    [InlineData("body_length = body_length + 1")]
    [InlineData("body_length = -1")]
    [InlineData("body = '\\x0300', body_length = 0")]
    public async Task ADeliveryThatCanNoLongerBeReadFailsAloneAndTheOthersAreSwept(string damage)
    {
        await using var node = await StartAsync(new() { ["Webhooks:Publishing:SweepInterval"] = "01:00:00" });
        List<string> ids = [];
        for (var n = 1; n <= 3; n++)
        {
            using var request = Payloads.Request(Payloads.PullRequest(n));
            ids.Add((await node.SendAsync(request)).Answer.GetProperty("id").GetString()!);
        }

        await Eventually.TrueAsync(async () => await CountAsync(node) == 3, "published at once");
        var damaged = DeliveryId.Parse(ids[1]).Value;
        await node.QueryAsync<Guid>($"UPDATE webhooks.deliveries SET {damage} WHERE id = '{damaged}' RETURNING id");
        await MakeDueAsync();

        Assert.Equal(3, await node.Services.GetRequiredService<PendingSweep>().SweepOnceAsync(CancellationToken.None));

        Assert.Equal(["pending", "failed", "pending"], await node.StatesAsync());
        Assert.Equal([ids[0], ids[2]], (await node.PublishedAsync()).Skip(3).Select(delivery => delivery.Delivery.ToString()));
        Assert.Contains("cannot be read", Assert.Single(await node.QueryAsync<string>("SELECT cause FROM webhooks.deliveries WHERE state = 'failed'")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task WhatIsNotAcknowledgedIsPublishedAgainAndWhatIsIsNot()
    {
        await using var node = await StartAsync(new() { ["Webhooks:Publishing:RepublishAfter"] = "00:00:00.200", ["Webhooks:Publishing:RepublishAfterMax"] = "00:00:00.200" });
        using var request = Payloads.Request(Payloads.PullRequest());
        var id = DeliveryId.Parse((await node.SendAsync(request)).Answer.GetProperty("id").GetString());

        await Eventually.TrueAsync(async () => (await node.EntriesAsync()).Count >= 3, "published again and again");
        await node.AcknowledgeAsync(id, 1, DeliveryOutcome.Handled);
        await Eventually.TrueAsync(async () => (await node.StatesAsync())[0] == "handled", "settled");

        var published = (await node.EntriesAsync()).Count;
        Assert.Equal(0, await node.Services.GetRequiredService<PendingSweep>().SweepOnceAsync(CancellationToken.None));
        await MakeDueAsync();
        Assert.Equal(0, await node.Services.GetRequiredService<PendingSweep>().SweepOnceAsync(CancellationToken.None));
        Assert.Equal(published, (await node.EntriesAsync()).Count);
        Assert.All(await node.PublishedAsync(), delivery => Assert.Equal(id, delivery.Delivery));
    }

    [Fact]
    public async Task WithoutPostgresTheAnswerIs503AndWithItAgain202()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await server.CreateDatabaseAsync();
        await using var node = await WebhooksNode.StartAsync(database, Redis, new() { ["Webhooks:GitHub:CommitTimeout"] = "00:00:02" });
        await server.StopAsync(crash: true);

        using (var request = Payloads.Request(Payloads.PullRequest()))
        {
            using var response = await node.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
            Assert.NotNull(response.Headers.RetryAfter);
            Assert.Contains(ProblemCodes.Unavailable, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        await server.StartAgainAsync();
        await Eventually.TrueAsync(async () => (await node.SendAsync(Payloads.Request(Payloads.PullRequest()))).Status == HttpStatusCode.Accepted, "accepted again");
        Assert.Equal(["pending"], await node.StatesAsync());
    }

    [Fact]
    public async Task ARestartOfPostgresBetweenTwoDeliveriesIsNotNoticed()
    {
        await using var server = await PostgresServer.StartAsync();
        await using var database = await server.CreateDatabaseAsync();
        await using var node = await WebhooksNode.StartAsync(database, Redis);
        Assert.Equal(HttpStatusCode.Accepted, (await node.SendAsync(Payloads.Request(Payloads.PullRequest(1)))).Status);

        await server.StopAsync();
        await server.StartAgainAsync();

        Assert.Equal(HttpStatusCode.Accepted, (await node.SendAsync(Payloads.Request(Payloads.PullRequest(2)))).Status);
    }

    [Fact]
    public async Task WithoutRedisTheAnswerIs202AndTheDeliveryIsPublishedLater()
    {
        await using var node = await StartAsync(new() { ["Webhooks:Publishing:RepublishAfter"] = "00:00:00.100", ["Webhooks:Publishing:RepublishAfterMax"] = "00:00:00.100" });
        await Redis.StopAsync();

        using var request = Payloads.Request(Payloads.PullRequest());
        Assert.Equal(HttpStatusCode.Accepted, (await node.SendAsync(request)).Status);

        await Redis.StartAgainAsync();
        await Eventually.TrueAsync(async () => await CountAsync(node) > 0, "published after Redis came back");
    }

    [Fact]
    public async Task AfterRedisIsEmptiedWhatIsPendingComesAgain()
    {
        await using var node = await StartAsync(new() { ["Webhooks:Publishing:RepublishAfter"] = "00:00:00.100", ["Webhooks:Publishing:RepublishAfterMax"] = "00:00:00.100" });
        using var request = Payloads.Request(Payloads.PullRequest());
        await node.SendAsync(request);
        await Eventually.TrueAsync(async () => await CountAsync(node) > 0, "published");

        await node.Redis.ExecuteAsync("FLUSHALL");

        await Eventually.TrueAsync(async () => await CountAsync(node) > 0, "published again");
    }

    [Fact]
    public async Task AFullStreamIsNotFilledFurther()
    {
        await using var node = await StartAsync(new() { ["Webhooks:Publishing:BacklogMax"] = "1", ["Webhooks:Publishing:RepublishAfter"] = "00:00:00.050", ["Webhooks:Publishing:RepublishAfterMax"] = "00:00:00.050" });
        await node.SendAsync(Payloads.Request(Payloads.PullRequest(1)));
        await Eventually.TrueAsync(async () => await CountAsync(node) == 1, "the first one published");
        await MakeDueAsync();

        Assert.Equal(0, await node.Services.GetRequiredService<PendingSweep>().SweepOnceAsync(CancellationToken.None));

        await node.Redis.ExecuteAsync("DEL", (StackExchange.Redis.RedisKey)node.Streams.Name(IntakeStreams.Intake).Key);
        await Eventually.TrueAsync(async () => await CountAsync(node) > 0, "published when there is room");
    }

    [Fact]
    public async Task AFullQueueIsAnswered503()
    {
        await using var node = await WebhooksNode.StartAsync(
            Database, Redis, new() { ["Webhooks:GitHub:QueueMax"] = "1" },
            builder => builder.Services.Remove(builder.Services.Single(service => service.ImplementationType == typeof(IntakeWriter))));

        // Nobody commits here: the first fills the queue and waits, the second finds it full.
        using var first = Payloads.Request(Payloads.PullRequest(1));
        using var waiting = new CancellationTokenSource();
        var pending = node.Client.SendAsync(first, waiting.Token);
        await Eventually.TrueAsync(() => node.Services.GetRequiredService<IntakeQueue>().Reader.Count == 1, "the queue full");
        using var second = Payloads.Request(Payloads.PullRequest(2));
        using var response = await node.Client.SendAsync(second);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("5", response.Headers.RetryAfter!.ToString());
        await waiting.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pending);
    }

    [Fact]
    public async Task MoreBytesThanAllowedInMemoryAreAnswered503()
    {
        await using var node = await StartAsync(new() { ["Webhooks:GitHub:BodiesInFlightMax"] = "1024" });

        using var request = Payloads.Request(Payloads.Encode(new System.Text.Json.Nodes.JsonObject { ["filler"] = new string('x', 2_000) }));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await node.SendAsync(request)).Status);
        Assert.Equal(0, node.Services.GetRequiredService<BodyBudget>().Taken);
    }

    private static void WithoutPublisher(Microsoft.AspNetCore.Builder.WebApplicationBuilder builder)
    {
        var hosted = builder.Services.Where(service => service.ServiceType == typeof(IHostedService) && service.ImplementationFactory is not null
            && service.ImplementationFactory.Method.ReturnType == typeof(DeliveryPublisher)).ToList();
        Assert.Single(hosted);
        builder.Services.Remove(hosted[0]);
    }

    private async Task MakeDueAsync()
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(Database.ConnectionString);
        await using var command = source.CreateCommand("UPDATE webhooks.deliveries SET publish_at = now() - interval '1 minute'");
        await command.ExecuteNonQueryAsync();
    }

    private static async Task<long> CountAsync(WebhooksNode node)
    {
        try
        {
            return await node.Streams.LengthAsync(node.Streams.Name(IntakeStreams.Intake), CancellationToken.None);
        }
        catch (Exception exception) when (exception is StackExchange.Redis.RedisException or TimeoutException)
        {
            return 0;
        }
    }
}
