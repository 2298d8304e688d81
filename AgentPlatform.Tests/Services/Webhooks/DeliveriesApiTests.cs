using System.Net;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Tests.Hosts;

namespace AgentPlatform.Tests.Services.Webhooks;

public sealed class DeliveriesApiTests : WebhooksTest
{
    private WebhooksNode _node = null!;

    public override async Task InitializeAsync()
    {
        await base.InitializeAsync();
        _node = await StartAsync();
    }

    public override async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await base.DisposeAsync();
    }

    [Theory]
    [InlineData("GET", "api/v1/deliveries", Scopes.DeliveriesPayload)]
    [InlineData("GET", "api/v1/deliveries/{id}", Scopes.DeliveriesPayload)]
    [InlineData("GET", "api/v1/deliveries/{id}/payload", Scopes.DeliveriesRead)]
    [InlineData("POST", "api/v1/deliveries/{id}/replay", Scopes.DeliveriesRead)]
    public async Task EachEndpointAsksForItsOwnScope(string method, string path, string otherScope)
    {
        path = path.Replace("{id}", await SendAsync(1), StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Unauthorized, (await _node.SendAsync(new HttpRequestMessage(new HttpMethod(method), path))).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await _node.CallAsync(new HttpMethod(method), path, otherScope)).Status);
    }

    [Fact]
    public async Task TheListIsPagedByKeyNewestFirst()
    {
        List<string> sent = [];
        for (var n = 1; n <= 5; n++)
        {
            sent.Add(await SendAsync(n));
        }

        List<string> listed = [];
        string? next = null;
        do
        {
            var (status, page) = await _node.CallAsync(HttpMethod.Get, $"api/v1/deliveries?limit=2{(next is null ? "" : $"&cursor={next}")}", Scopes.DeliveriesRead);
            Assert.Equal(HttpStatusCode.OK, status);
            listed.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!));

            // What comes in meanwhile does not shift the pages.
            await SendAsync(100 + listed.Count);
            next = page.TryGetProperty("next", out var cursor) ? cursor.GetString() : null;
        }
        while (next is not null);

        Assert.Equal(sent.AsEnumerable().Reverse(), listed);
    }

    [Fact]
    public async Task TheListIsFiltered()
    {
        var first = await SendAsync(1);
        var push = (await _node.SendAsync(Payloads.Request("""{"ref":"refs/heads/main"}"""u8.ToArray(), "push"))).Answer.GetProperty("id").GetString();
        await _node.AcknowledgeAsync(DeliveryId.Parse(first), 1, DeliveryOutcome.Ignored, "draft");
        await Eventually.TrueAsync(async () => (await _node.StatesAsync()).Contains("ignored"), "settled");

        Assert.Equal([push], await ListAsync("event=push"));
        Assert.Equal([first], await ListAsync("state=ignored"));
        Assert.Equal([push], await ListAsync("state=pending"));
        Assert.Equal([first], await ListAsync("repository=octo-org/octo-repo&pullRequest=1"));
        Assert.Empty(await ListAsync($"guid={Guid.NewGuid()}"));
    }

    [Theory]
    [InlineData("limit=0", ProblemCodes.InvalidRequest)]
    [InlineData("limit=201", ProblemCodes.InvalidRequest)]
    [InlineData("state=sometimes", ProblemCodes.InvalidRequest)]
    [InlineData("state=1", ProblemCodes.InvalidRequest)]
    [InlineData("cursor=abc", ProblemCodes.InvalidCursor)]
    public async Task AQuestionThatMakesNoSenseIsRefused(string query, string code)
    {
        var (status, problem) = await _node.CallAsync(HttpMethod.Get, $"api/v1/deliveries?{query}", Scopes.DeliveriesRead);

        Assert.Equal((HttpStatusCode.BadRequest, code), (status, problem.GetProperty("code").GetString()));
    }

    [Fact]
    public async Task ADeliveryThatIsNotThereIsNotFound()
    {
        var unknown = DeliveryId.New(TimeProvider.System);

        Assert.Equal(HttpStatusCode.NotFound, (await _node.CallAsync(HttpMethod.Get, $"api/v1/deliveries/{unknown}", Scopes.DeliveriesRead)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _node.CallAsync(HttpMethod.Get, $"api/v1/deliveries/{unknown}/payload", Scopes.DeliveriesPayload)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _node.CallAsync(HttpMethod.Post, $"api/v1/deliveries/{unknown}/replay", Scopes.DeliveriesReplay)).Status);
    }

    [Fact]
    public async Task ASettledDeliveryIsReplayedAsANewAttempt()
    {
        var id = await SendAsync(1);
        var pending = await _node.CallAsync(HttpMethod.Post, $"api/v1/deliveries/{id}/replay", Scopes.DeliveriesReplay);
        Assert.Equal((HttpStatusCode.Conflict, IntakeCodes.DeliveryPending), (pending.Status, pending.Answer.GetProperty("code").GetString()));
        await _node.AcknowledgeAsync(DeliveryId.Parse(id), 1, DeliveryOutcome.Failed, "policy_unreadable");
        await Eventually.TrueAsync(async () => (await _node.StatesAsync())[0] == "failed", "given up");

        var (status, delivery) = await _node.CallAsync(HttpMethod.Post, $"api/v1/deliveries/{id}/replay", Scopes.DeliveriesReplay);

        Assert.Equal((HttpStatusCode.Accepted, "pending", 2), (status, delivery.GetProperty("state").GetString(), delivery.GetProperty("attempt").GetInt32()));
        await Eventually.TrueAsync(async () => (await _node.EntriesAsync()).Count == 2, "published again");
        Assert.Equal([1L, 2L], (await _node.EntriesAsync()).Select(entry => entry.Generation));
    }

    [Fact]
    public async Task ADeliverySaysWhatBecameOfIt()
    {
        var id = await SendAsync(3);
        await _node.AcknowledgeAsync(DeliveryId.Parse(id), 1, DeliveryOutcome.Failed, "no\0thing");
        await Eventually.TrueAsync(async () => (await _node.StatesAsync())[0] == "failed", "given up");

        var delivery = (await _node.CallAsync(HttpMethod.Get, $"api/v1/deliveries/{id}", Scopes.DeliveriesRead)).Answer.Deserialize(IntakeJsonContext.Default.Delivery)!;

        Assert.Equal((DeliveryState.Failed, "no thing", 1), (delivery.State, delivery.Cause, delivery.Attempt));
        Assert.Equal((DeliverySource.Webhook, Payloads.PullRequest(3).Length, 3L), (delivery.Source, delivery.PayloadBytes, delivery.PullRequest));
        Assert.NotNull(delivery.SettledAt);
    }

    private async Task<string> SendAsync(int number) =>
        (await _node.SendAsync(Payloads.Request(Payloads.PullRequest(number)))).Answer.GetProperty("id").GetString()!;

    private async Task<IEnumerable<string?>> ListAsync(string query) =>
        (await _node.CallAsync(HttpMethod.Get, $"api/v1/deliveries?{query}", Scopes.DeliveriesRead)).Answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString());
}
