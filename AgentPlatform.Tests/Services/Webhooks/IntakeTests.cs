using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Contracts;
using AgentPlatform.Tests.Hosts;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Services.Webhooks.Publishing;
using Services.Webhooks.Receiving;
using Services.Webhooks.Storage;

namespace AgentPlatform.Tests.Services.Webhooks;

/// <summary>What is taken in: stored before the answer, once as work, whatever copies of it come.</summary>
public sealed class IntakeTests : WebhooksTest
{
    [Fact]
    public async Task ADeliveryIsStoredAsItCameAndThenPublished()
    {
        await using var node = await StartAsync();
        var body = Payloads.PullRequest();
        var guid = Guid.NewGuid();
        using var request = Payloads.Request(body, guid: guid);

        var (status, answer) = await node.SendAsync(request);

        Assert.Equal((HttpStatusCode.Accepted, "accepted"), (status, answer.GetProperty("status").GetString()));
        var id = DeliveryId.Parse(answer.GetProperty("id").GetString());
        await Eventually.TrueAsync(async () => (await node.PublishedAsync()).Count == 1, "published");
        var entry = Assert.Single(await node.EntriesAsync());
        Assert.Equal((IntakeStreams.DeliveryKind, 1L, "github:octocat"), (entry.Kind, entry.Generation, entry.Owner.CreatedBy));
        Assert.Equal(
            new DeliveryReceived(
                id, guid, "pull_request", "opened", "github.com", 42, 186853002, "octo-org/octo-repo", 7, Payloads.HeadSha, Payloads.BaseSha, Sender: "octocat"),
            Assert.Single(await node.PublishedAsync()));
        using var raw = await node.Client.SendAsync(node.Authorized(HttpMethod.Get, $"api/v1/deliveries/{id}/payload", Scopes.DeliveriesPayload));
        Assert.Equal(body, await raw.Content.ReadAsByteArrayAsync());
        Assert.True(Assert.Single(await node.QueryAsync<int>("SELECT octet_length(body) FROM webhooks.deliveries")) < body.Length);
    }

    [Fact]
    public async Task TheAnswerComesFromACommitThatSurvivesACrash()
    {
        // The session that writes must not rely on the server's default.
        await Database.Server.ExecuteAsync($"ALTER DATABASE {Database.Name} SET synchronous_commit = off");
        await using var node = await StartAsync();

        Assert.Equal("off", Assert.Single(await node.QueryAsync<string>("SHOW synchronous_commit")));
        await using var session = await node.Services.GetRequiredService<DeliveryStore>().OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand("SHOW synchronous_commit", session);
        Assert.Equal("on", await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task AFormCarriesTheSamePayload()
    {
        await using var node = await StartAsync();
        var body = Encoding.ASCII.GetBytes($"payload={Uri.EscapeDataString(Encoding.UTF8.GetString(Payloads.PullRequest()))}");
        using var request = Payloads.Request(body, contentType: "application/x-www-form-urlencoded");

        var (status, answer) = await node.SendAsync(request);

        Assert.Equal(HttpStatusCode.Accepted, status);
        await Eventually.TrueAsync(async () => (await node.PublishedAsync()).Count == 1, "published");
        Assert.Equal((7L, Payloads.HeadSha), ((await node.PublishedAsync())[0].PullRequest, (await node.PublishedAsync())[0].HeadSha));
        using var raw = await node.Client.SendAsync(node.Authorized(HttpMethod.Get, $"api/v1/deliveries/{answer.GetProperty("id")}/payload", Scopes.DeliveriesPayload));
        Assert.Equal(body, await raw.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task AnUnknownEventIsStoredAndPublishedToo()
    {
        await using var node = await StartAsync();
        using var request = Payloads.Request("""{"something":"new"}"""u8.ToArray(), "not_invented_yet");

        Assert.Equal(HttpStatusCode.Accepted, (await node.SendAsync(request)).Status);

        await Eventually.TrueAsync(async () => (await node.PublishedAsync()).Count == 1, "published");
        Assert.Equal("not_invented_yet", (await node.PublishedAsync())[0].Event);
    }

    [Fact]
    public async Task TwentyFourMegabytesAreTaken()
    {
        await using var node = await StartAsync();
        var body = Payloads.Encode(new JsonObject { ["ref"] = "refs/heads/main", ["filler"] = new string('x', 24 * 1024 * 1024) });
        using var request = Payloads.Request(body, "push");

        var (status, answer) = await node.SendAsync(request);

        Assert.Equal(HttpStatusCode.Accepted, status);
        using var raw = await node.Client.SendAsync(node.Authorized(HttpMethod.Get, $"api/v1/deliveries/{answer.GetProperty("id")}/payload", Scopes.DeliveriesPayload));
        Assert.Equal(body.Length, (await raw.Content.ReadAsByteArrayAsync()).Length);
        Assert.Equal(0, node.Services.GetRequiredService<BodyBudget>().Taken);
    }

    [Fact]
    public async Task FiftyConcurrentCopiesAreOneDelivery()
    {
        await using var node = await StartAsync();
        await using var replica = await StartAsync();
        var guid = Guid.NewGuid();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(async n =>
        {
            using var request = Payloads.Request(Payloads.PullRequest(), guid: guid);
            return await (n % 2 == 0 ? node : replica).SendAsync(request);
        }));

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.Accepted, answer.Status));
        Assert.Equal(1, answers.Count(answer => answer.Answer.GetProperty("status").GetString() == "accepted"));
        Assert.Single(answers.Select(answer => answer.Answer.GetProperty("id").GetString()).Distinct());
        Assert.Equal(["pending"], await node.StatesAsync());
        await Eventually.TrueAsync(async () => (await node.PublishedAsync()).Count >= 1, "published");
        Assert.Single(await node.PublishedAsync());
    }

    [Fact]
    public async Task TheSameBodyUnderAnotherGuidIsKeptAsACopy()
    {
        await using var node = await StartAsync();
        var (_, first) = await SendAsync(node, Payloads.PullRequest(), Guid.NewGuid());

        var (status, second) = await SendAsync(node, Payloads.PullRequest(), Guid.NewGuid());

        Assert.Equal((HttpStatusCode.Accepted, "duplicate"), (status, second.GetProperty("status").GetString()));
        Assert.Equal(["pending", "duplicate"], await node.StatesAsync());
        var copy = (await node.CallAsync(HttpMethod.Get, $"api/v1/deliveries/{second.GetProperty("id")}", Scopes.DeliveriesRead)).Answer;
        Assert.Equal(first.GetProperty("id").GetString(), copy.GetProperty("duplicateOf").GetString());
        Assert.Single(await node.PublishedAsync());
    }

    [Fact]
    public async Task CopiesUnderManyGuidsAtOnceAreOnePieceOfWork()
    {
        await using var node = await StartAsync();

        await Task.WhenAll(Enumerable.Range(0, 30).Select(_ => SendAsync(node, Payloads.PullRequest(), Guid.NewGuid())));

        var states = await node.StatesAsync();
        Assert.Equal(30, states.Count);
        Assert.Single(states, state => state == "pending");
    }

    [Fact]
    public async Task AnotherBodyUnderTheSameGuidIsADeliveryOfItsOwn()
    {
        await using var node = await StartAsync();
        var guid = Guid.NewGuid();

        await SendAsync(node, Payloads.PullRequest(1), guid);
        var (_, second) = await SendAsync(node, Payloads.PullRequest(2), guid);

        Assert.Equal("accepted", second.GetProperty("status").GetString());
        Assert.Equal(["pending", "pending"], await node.StatesAsync());
    }

    [Fact]
    public async Task ARedeliveryOfWhatWasHandledIsNoWork()
    {
        await using var node = await StartAsync();
        var guid = Guid.NewGuid();
        var id = DeliveryId.Parse((await SendAsync(node, Payloads.PullRequest(), guid)).Answer.GetProperty("id").GetString());
        await node.AcknowledgeAsync(id, 1, DeliveryOutcome.Handled);
        await Eventually.TrueAsync(async () => (await node.StatesAsync())[0] == "handled", "settled");

        var (status, again) = await SendAsync(node, Payloads.PullRequest(), guid);

        Assert.Equal((HttpStatusCode.Accepted, "duplicate", id.ToString()), (status, again.GetProperty("status").GetString(), again.GetProperty("id").GetString()));
        Assert.Equal(["handled"], await node.StatesAsync());
    }

    [Fact]
    public async Task ARedeliveryOfWhatFailedRunsAgain()
    {
        await using var node = await StartAsync();
        var guid = Guid.NewGuid();
        var id = DeliveryId.Parse((await SendAsync(node, Payloads.PullRequest(), guid)).Answer.GetProperty("id").GetString());
        await node.AcknowledgeAsync(id, 1, DeliveryOutcome.Failed, "policy_unreadable");
        await Eventually.TrueAsync(async () => (await node.StatesAsync())[0] == "failed", "given up");

        var (_, again) = await SendAsync(node, Payloads.PullRequest(), guid);

        Assert.Equal(("accepted", id.ToString()), (again.GetProperty("status").GetString(), again.GetProperty("id").GetString()));
        await Eventually.TrueAsync(async () => (await node.EntriesAsync()).Count == 2, "published again");
        Assert.Equal([1L, 2L], (await node.EntriesAsync()).Select(entry => entry.Generation));

        // A late answer to the first attempt changes nothing.
        await node.AcknowledgeAsync(id, 1, DeliveryOutcome.Failed);
        await node.AcknowledgeAsync(id, 2, DeliveryOutcome.Handled);
        await Eventually.TrueAsync(async () => (await node.StatesAsync())[0] == "handled", "settled");
    }

    [Fact]
    public async Task TheTraceOfTheRequestGoesOnInTheEntry()
    {
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        await using var node = await StartAsync();

        var (_, answer) = await SendAsync(node, Payloads.PullRequest(), Guid.NewGuid());

        await Eventually.TrueAsync(async () => (await node.EntriesAsync()).Count == 1, "published");
        Assert.True(ActivityContext.TryParse((await node.EntriesAsync())[0].Traceparent, null, out var context));
        var stored = (await node.CallAsync(HttpMethod.Get, $"api/v1/deliveries/{answer.GetProperty("id")}", Scopes.DeliveriesRead)).Answer;
        Assert.Equal(context.TraceId.ToHexString(), stored.GetProperty("traceId").GetString());
    }

    [Fact]
    public async Task ConcurrentDeliveriesShareCommits()
    {
        await using var node = await StartAsync();
        await SendAsync(node, Payloads.PullRequest(0), Guid.NewGuid());

        await Task.WhenAll(Enumerable.Range(1, 200).Select(n => SendAsync(node, Payloads.PullRequest(n), Guid.NewGuid())));

        var perCommit = await node.QueryAsync<long>("SELECT count(*) FROM webhooks.deliveries GROUP BY xmin::text");
        Assert.Equal(201, perCommit.Sum());
        Assert.Contains(perCommit, count => count > 1);
        Assert.True(perCommit.Count < 150, $"{perCommit.Count} commits for 201 deliveries");
    }

    [Fact]
    public void TheEntryIsWrittenAsTheContractsWriteIt()
    {
        var data = new DeliveryReceived(DeliveryId.New(TimeProvider.System), Guid.NewGuid(), "push", null, "github.com", Ref: "refs/heads/main");
        var owner = new Ownership(Ownership.DefaultTenant, null, "github:octocat");
        var (id, at) = (EnvelopeId.New(TimeProvider.System), TimeProvider.System.GetUtcNow());
        var ours = new DeliveryEnvelope(id, 0, 2, 1, at, null, IntakeStreams.DeliveryKind, owner, data);
        var theirs = new EventEnvelope(id, 0, 2, 1, at, null, IntakeStreams.DeliveryKind, owner, JsonSerializer.SerializeToElement(data, IntakeJsonContext.Default.DeliveryReceived));

        Assert.Equal(
            JsonSerializer.Serialize(theirs, ContractsJsonContext.Default.EventEnvelope), JsonSerializer.Serialize(ours, DeliveryEnvelopeJsonContext.Default.DeliveryEnvelope));
    }

    private static Task<(HttpStatusCode Status, JsonElement Answer)> SendAsync(WebhooksNode node, byte[] body, Guid guid) => node.SendAsync(Payloads.Request(body, guid: guid));
}
