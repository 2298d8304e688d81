using System.Threading.Channels;
using AgentPlatform.Tests.Hosts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Services.Scheduler.Runs;
using Services.Scheduler.Workers;

namespace AgentPlatform.Tests.Services.Scheduler;

/// <summary>What a worker does with the runs it takes.</summary>
public sealed class WorkerTests : ForgeTest
{
    [Fact]
    public async Task ARunThatComesBackToItsWorkerIsBegunOnceTheOldDriveIsThrough()
    {
        await using var host = await SilentHost.StartAsync();
        await HearAsync("pull_request", "opened");
        await Node.AdmitAsync();
        await Node.ReadAsync(db => db.Hosts.ExecuteUpdateAsync(row => row.SetProperty(item => item.Url, host.Url)));
        var run = Assert.Single(await RunsAsync()).Id;
        var worker = Node.Services.GetRequiredService<RunWorker>();

        await worker.TakeAsync([(new WorkEntry(run, 1), null)], CancellationToken.None);
        var first = await host.NextAsync();
        await Node.Store.ApplyAsync(run, new RunCommand.Reassign("no sign of life"), CancellationToken.None);
        await worker.TakeAsync([(new WorkEntry(run, 2), null)], CancellationToken.None);
        var second = await host.NextAsync();

        Assert.Equal((1, 2), (first.Generation, second.Generation));
        await first.Ended.WaitAsync(Eventually.Patience);
        Assert.False(second.Ended.IsCompleted);

        // A second copy of the entry begins nothing, and what was begun still hears of its end.
        await worker.TakeAsync([(new WorkEntry(run, 2), null)], CancellationToken.None);
        await Node.Store.ApplyAsync(run, new RunCommand.Reassign("the test is over"), CancellationToken.None);
        await worker.RenewOnceAsync(CancellationToken.None);
        await second.Ended.WaitAsync(Eventually.Patience);
        Assert.Equal(2, host.Calls);
    }

    /// <summary>A host that takes calls and never answers them.</summary>
    private sealed class SilentHost : IAsyncDisposable
    {
        private readonly Channel<(long Generation, Task Ended)> _calls = Channel.CreateBounded<(long, Task)>(16);
        private readonly WebApplication _app;
        private int _count;

        private SilentHost()
        {
            var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
            builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
            builder.Logging.ClearProviders();
            _app = builder.Build();
            _app.Run(HoldAsync);
        }

        public string Url => _app.Urls.First();

        public int Calls => Volatile.Read(ref _count);

        public static async Task<SilentHost> StartAsync()
        {
            var host = new SilentHost();
            await host._app.StartAsync();
            return host;
        }

        public async Task<(long Generation, Task Ended)> NextAsync() => await _calls.Reader.ReadAsync().AsTask().WaitAsync(Eventually.Patience);

        public async ValueTask DisposeAsync() => await _app.DisposeAsync();

        private async Task HoldAsync(HttpContext context)
        {
            var body = await System.Text.Json.JsonDocument.ParseAsync(context.Request.Body);
            var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var registration = context.RequestAborted.Register(ended.SetResult);
            Interlocked.Increment(ref _count);
            await _calls.Writer.WriteAsync((body.RootElement.GetProperty("generation").GetInt64(), ended.Task));
            await ended.Task;
        }
    }
}
