using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.Tests.Services.Scheduler;

public sealed class HostsApiTests : SchedulerTest
{
    private static readonly InstanceLimits Limits = new(1L << 30, 1000, 100, 1L << 30, 3600);

    [Fact]
    public async Task EnrolledHostsAreListedNewestFirstAndByPages()
    {
        List<HostId> enrolled = [];
        for (var n = 1; n <= 3; n++)
        {
            enrolled.Add(await EnrolAsync($"machine-{n}", capacity: n));
        }

        var first = await ListAsync("limit=2");
        var rest = await ListAsync($"limit=2&cursor={first.Next}");

        Assert.Equal([enrolled[2], enrolled[1]], first.Items.Select(host => host.Id));
        Assert.Equal([enrolled[0]], rest.Items.Select(host => host.Id));
        Assert.Null(rest.Next);
        var newest = first.Items[0];
        Assert.Equal(("machine-3", 3, 1, HostState.Ready), (newest.Name, newest.Capacity, newest.Used, newest.State));
        Assert.Equal("linux", newest.Labels["os"]);
    }

    [Fact]
    public async Task AHostThatIsNotHeardOfIsSilentAndOneThatLacksSomethingIsNotReady()
    {
        var silent = await EnrolAsync("silent", capacity: 4);
        var lacking = await EnrolAsync("lacking", capacity: 4, ready: false);
        await Node.ReadAsync(db => db.Hosts.Where(row => row.Id == silent).ExecuteUpdateAsync(row => row.SetProperty(host => host.LastSeenAt, DateTimeOffset.UnixEpoch)));

        var states = (await ListAsync("limit=10")).Items.ToDictionary(host => host.Id, host => host.State);

        Assert.Equal((HostState.Silent, HostState.NotReady), (states[silent], states[lacking]));
    }

    [Fact]
    public async Task AHostIsShownWithWhatItSaysOfItselfAndWithoutItWhileItDoesNotAnswer()
    {
        var id = HostId.New(TimeProvider.System);
        await using var machine = await StartHostAsync(id);
        await EnrolAsync("machine", capacity: 4, id: id, url: machine.Urls.First());

        var answering = await FindAsync(id);
        await machine.StopAsync();
        var silent = await FindAsync(id);

        Assert.Equal("no_cgroup", Assert.Single(answering.Status!.Fingerprint.Shortcomings).Code);
        Assert.Equal((id, null), (silent.Host.Id, silent.Status));
    }

    [Theory]
    [InlineData("api/v1/hosts?limit=0", HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest)]
    [InlineData("api/v1/hosts?cursor=abc", HttpStatusCode.BadRequest, ProblemCodes.InvalidCursor)]
    [InlineData("api/v1/hosts/hst_nonsense", HttpStatusCode.BadRequest, ProblemCodes.InvalidRequest)]
    [InlineData("api/v1/hosts/hst_00000000000070008000000000000001", HttpStatusCode.NotFound, ProblemCodes.NotFound)]
    public async Task AQuestionThatMakesNoSenseIsRefused(string path, HttpStatusCode expected, string code)
    {
        var (status, problem) = await Node.CallAsync(HttpMethod.Get, path, Scopes.HostsRead);

        Assert.Equal((expected, code), (status, problem.GetProperty("code").GetString()));
    }

    private async Task<Page<HostSummary>> ListAsync(string query) =>
        (await Node.CallAsync(HttpMethod.Get, $"api/v1/hosts?{query}", Scopes.HostsRead)).Answer.Deserialize(HostsJsonContext.Default.PageHostSummary)!;

    private async Task<HostDetail> FindAsync(HostId id) =>
        (await Node.CallAsync(HttpMethod.Get, $"api/v1/hosts/{id}", Scopes.HostsRead)).Answer.Deserialize(HostsJsonContext.Default.HostDetail)!;

    private async Task<HostId> EnrolAsync(string name, int capacity, bool ready = true, HostId? id = null, string url = "http://127.0.0.1:9")
    {
        var host = id ?? HostId.New(TimeProvider.System);
        using var request = Node.Authorized(HttpMethod.Put, HostRoutes.Enrolment(host).TrimStart('/'), Scopes.HostsEnrol);
        request.Content = JsonContent.Create(new HostEnrolment(new Uri(url), Status(host, name, capacity, ready), []), HostsJsonContext.Default.HostEnrolment);
        using var response = await Node.Client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        return host;
    }

    private static HostStatus Status(HostId id, string name, int capacity, bool ready) => new(
        id, name, "linux", "1.0", new HostFingerprint(ready, new Dictionary<string, string>(), [new HostShortcoming("no_cgroup", "No cgroup.", "Mount it.", Blocking: !ready)]),
        new HostCapacity(capacity, Limits, Limits), new HostLoad(1, 0, 0.5, 1L << 30), new Dictionary<string, string> { ["os"] = "linux" });

    /// <summary>A machine that answers for itself.</summary>
    private static async Task<WebApplication> StartHostAsync(HostId id)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRouting();
        var app = builder.Build();
        app.MapGet(HostRoutes.Host, () => TypedResults.Json(Status(id, "machine", 4, ready: true), HostsJsonContext.Default.HostStatus));
        await app.StartAsync();
        return app;
    }
}
