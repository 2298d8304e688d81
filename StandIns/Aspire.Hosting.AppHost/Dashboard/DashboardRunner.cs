using Aspire.Hosting.Running.Logs;
using Aspire.Hosting.Running.Network;
using Aspire.Hosting.Running.Processes;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Runs the dashboard and the resource service that it asks: beside the other resources and never in their way. Whatever goes
/// wrong here is said, and the application runs on.
/// </summary>
internal sealed partial class DashboardRunner(
    DashboardEndpoints endpoints,
    AppHostSource source,
    TimeProvider time,
    ILogger<DistributedApplication> logger) : BackgroundService
{
    private const int LastLinesMax = 20;
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (endpoints.IsMissing)
        {
            Log.NotInstalled(logger, endpoints.Place);
        }

        if (!endpoints.IsEnabled)
        {
            return;
        }

        try
        {
            RefuseTakenPorts();
            await RunAsync(stoppingToken);
        }
        catch (Exception) when (stoppingToken.IsCancellationRequested)
        {
            // The application ends, and the dashboard with it.
        }
        catch (Exception exception)
        {
            Log.Failed(logger, exception.Message);
        }
    }

    private async Task RunAsync(CancellationToken stoppingToken)
    {
        source.Hide([endpoints.BrowserToken, endpoints.Otlp?.ApiKey, endpoints.ResourceServiceApiKey, endpoints.TelemetryApiKey]);
        await using var server = new ResourceServiceServer(source, endpoints.ResourceServicePort, endpoints.ResourceServiceApiKey, logger);
        var resourceService = await server.StartAsync(stoppingToken);

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        var feeding = FeedAsync(ending.Token);
        var output = new ConsoleLog(time);
        await using var lifeline = new Lifeline(time);
        var process = Start(lifeline, resourceService, output);
        try
        {
            if (await DashboardProbe.AnswersAsync(endpoints.Url, process.Exited, time, stoppingToken))
            {
                Announce();
            }
            else if (!process.Exited.IsCompleted)
            {
                Log.Silent(logger, endpoints.Url);
            }

            var exitCode = await process.Exited.WaitAsync(stoppingToken);
            Log.Ended(logger, exitCode, LastLines(output));
        }
        finally
        {
            await process.StopAsync(StopGrace, time);
            await ending.CancelAsync();
            await feeding;
        }
    }

    private ChildProcess Start(Lifeline lifeline, Uri resourceService, ConsoleLog output)
    {
        var program = endpoints.Program!;
        // It looks for its pages in the directory that it is started in.
        var directory = Path.GetDirectoryName(program)!;
        var spec = new ProcessSpec(program, ["dashboard"], DashboardEnvironment.Create(endpoints, resourceService), directory);
        return lifeline.Start(spec, (line, isError) => output.Append(line, isError));
    }

    private async Task FeedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await source.FeedAsync(cancellationToken);
        }
        catch (Exception) when (cancellationToken.IsCancellationRequested)
        {
            // The dashboard has ended: nobody is to be told anything any more.
        }
        catch (Exception exception)
        {
            Log.FeedFailed(logger, exception);
        }
    }

    /// <summary>The dashboard itself would only say that some address is in use; here the process that uses it can be named.</summary>
    private void RefuseTakenPorts()
    {
        string?[] addresses = [.. endpoints.FrontendUrls, endpoints.OtlpGrpcUrl, endpoints.OtlpHttpUrl];
        foreach (var address in addresses)
        {
            if (Uri.TryCreate(address, UriKind.Absolute, out var uri) && uri.IsLoopback && !PortAllocator.IsFree(uri.Port))
            {
                throw new DistributedApplicationException(PortOwner.Describe(uri.Port));
            }
        }
    }

    private void Announce()
    {
        Log.Listening(logger, endpoints.Url);
        if (endpoints.BrowserToken is not null)
        {
            Log.LoginOffered(logger, endpoints.LoginUrl);
        }
    }

    private string LastLines(ConsoleLog output) =>
        string.Concat(output.Tail(LastLinesMax).Select(line => Environment.NewLine + source.Masked(line.Text)));
}
