using System.Threading.Channels;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>A host tells Scheduler of itself.</summary>
public sealed class EnrolmentTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly LinuxHost _host = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task AHostThatStartsBeforeSchedulerEnrolsWhenItIsThereAndAgainWithWhatItHolds()
    {
        var port = FreePort();
        await using var node = await HostNode.StartAsync(_host.Options, new()
        {
            ["Services:scheduler:http:0"] = $"http://127.0.0.1:{port}",
            ["Wsl2Host:Driver"] = "scripted",
            ["Wsl2Host:AdvertisedUrl"] = "https://host.example.org:8443",
            ["Wsl2Host:Labels:gpu"] = "none",
        });
        await using var scheduler = await Scheduler.StartAsync(port);

        var first = await scheduler.NextAsync();
        var request = HostNode.NewInstance(generation: 7);
        await node.Client.CreateInstanceAsync(request, CancellationToken.None);
        var later = first;
        while (later.Enrolment.Instances is not [{ State: InstanceState.Running }])
        {
            later = await scheduler.NextAsync();
        }

        Assert.Equal(new Uri("https://host.example.org:8443"), first.Enrolment.Url);
        Assert.Equal(first.Id, first.Enrolment.Status.Id);
        Assert.Equal("none", first.Enrolment.Status.Labels["gpu"]);
        Assert.StartsWith("Bearer ", first.Authorization, StringComparison.Ordinal);
        Assert.Equal(new EnrolledInstance(request.Id, request.Owner, 7, InstanceState.Running), Assert.Single(later.Enrolment.Instances));
        Assert.Equal(1, later.Enrolment.Status.Load.Instances);
    }

    private static int FreePort()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Scheduler : IAsyncDisposable
    {
        private readonly Channel<(HostId Id, string Authorization, HostEnrolment Enrolment)> _enrolments = Channel.CreateUnbounded<(HostId, string, HostEnrolment)>();
        private WebApplication _app = null!;

        public static async Task<Scheduler> StartAsync(int port)
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls($"http://127.0.0.1:{port}");
            builder.Services.AddRouting();
            builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, HostsJsonContext.Default));
            var scheduler = new Scheduler { _app = builder.Build() };
            scheduler._app.MapPut("/internal/hosts/{id}", (HostId id, HostEnrolment enrolment, HttpRequest request) =>
            {
                scheduler._enrolments.Writer.TryWrite((id, request.Headers.Authorization.ToString(), enrolment));
                return TypedResults.Ok(new HostEnrolmentReply(1));
            });
            await scheduler._app.StartAsync();
            return scheduler;
        }

        public async Task<(HostId Id, string Authorization, HostEnrolment Enrolment)> NextAsync() => await _enrolments.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public ValueTask DisposeAsync() => _app.DisposeAsync();
    }
}
