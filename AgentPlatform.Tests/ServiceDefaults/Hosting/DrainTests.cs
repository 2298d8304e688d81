using System.Net;
using AgentPlatform.Tests.Fakes;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AgentPlatform.Tests.ServiceDefaults.Hosting;

public sealed class DrainTests
{
    private static readonly TimeSpan Notice = TimeSpan.FromSeconds(3);

    [Fact]
    public async Task AStoppingServiceIsNotReadyButFinishesWhatItHas()
    {
        var time = new ManualTimeProvider();
        var (arrived, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var service = await TestService.StartAsync(
            builder => builder.Services.AddSingleton<TimeProvider>(time),
            app => app.MapGet("/slow", async () =>
            {
                arrived.SetResult();
                await release.Task;
                return "finished";
            }),
            settings: ("Shutdown:NoticeDelay", Notice.ToString()));
        var slow = service.Client.GetStringAsync("/slow");
        await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var stopped = service.App.StopAsync();
        try
        {
            await time.WaitForTimerAsync(due => due == Notice);

            // Load balancers still send requests while they learn of the stop, so the listener is still open.
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await service.Client.GetAsync("/health")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync("/alive")).StatusCode);
            Assert.Equal(HttpStatusCode.OK, (await service.Client.GetAsync("/")).StatusCode);
        }
        finally
        {
            time.Advance(Notice);
            release.SetResult();
        }

        Assert.Equal("finished", await slow);
        await stopped.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
