using System.Globalization;
using System.Net;
using System.Net.Sockets;
using AgentPlatform.Tests.Fakes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace AgentPlatform.Tests.StandIns.Dashboard;

/// <summary>Whatever is wrong with the dashboard is said once, and the application runs all the same.</summary>
public sealed class DashboardRunnerTests : IDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(30));
    private readonly DirectoryInfo _place = Directory.CreateTempSubdirectory("dashboard-tests-");
    private readonly CapturedLog _log = new();

    public void Dispose()
    {
        _place.Delete(recursive: true);
        _log.Dispose();
        _deadline.Dispose();
    }

    [Fact]
    public async Task AMissingDashboardIsSaidInOneLineThatTellsHowToGetIt()
    {
        await using var application = await StartAsync();

        var line = await _log.WaitForAsync(message => message.Contains(_place.FullName, StringComparison.Ordinal), _deadline.Token);

        Assert.Contains("./dev setup", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        await AssertResourceRunsAsync(application);
        Assert.Single(_log.Messages, message => message.Contains("Aspire dashboard", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ADisabledDashboardIsNotMissed()
    {
        await using var application = await StartAsync(isDisabled: true);

        await AssertResourceRunsAsync(application);

        Assert.DoesNotContain(_log.Messages, message => message.Contains("Aspire dashboard", StringComparison.Ordinal));
    }

    [Fact]
    public async Task ATakenAddressNamesWhoHasIt()
    {
        Install("exec sleep 600");
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);
        await using var application = await StartAsync(address: $"http://localhost:{port}");

        var line = await _log.WaitForAsync(message => message.Contains("was not started", StringComparison.Ordinal), _deadline.Token);

        Assert.Contains($"Port {port} is already in use", line, StringComparison.Ordinal);
        if (OperatingSystem.IsLinux())
        {
            Assert.Contains(Environment.ProcessId.ToString(CultureInfo.InvariantCulture), line, StringComparison.Ordinal);
        }

        await AssertResourceRunsAsync(application);
    }

    [Fact]
    public async Task ADashboardThatCrashesIsShownWithItsLastLinesAndWithoutItsToken()
    {
        Install("echo \"token is $DASHBOARD__FRONTEND__BROWSERTOKEN\"; echo 'something broke' >&2; exit 3");
        await using var application = await StartAsync();

        var line = await _log.WaitForAsync(message => message.Contains("exit code 3", StringComparison.Ordinal), _deadline.Token);

        Assert.Contains("something broke", line, StringComparison.Ordinal);
        Assert.Contains("token is ********", line, StringComparison.Ordinal);
        await AssertResourceRunsAsync(application);
    }

    [Fact]
    public async Task TheDashboardEndsWithTheApplication()
    {
        var pidFile = Path.Combine(_place.FullName, "pid");
        Install($"echo $$ > '{pidFile}.part'; mv '{pidFile}.part' '{pidFile}'; exec sleep 600");
        await using var application = await StartAsync();
        while (!File.Exists(pidFile))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), _deadline.Token);
        }

        var processId = int.Parse(await File.ReadAllTextAsync(pidFile, _deadline.Token), CultureInfo.InvariantCulture);
        using var dashboard = System.Diagnostics.Process.GetProcessById(processId);
        await application.StopAsync(_deadline.Token);

        await dashboard.WaitForExitAsync(_deadline.Token);
    }

    /// <summary>Puts a program of ours in the dashboard's place.</summary>
    private void Install(string script)
    {
        var program = Path.Combine(_place.FullName, "aspire-managed");
        File.WriteAllText(program, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private async Task<DistributedApplication> StartAsync(bool isDisabled = false, string address = "")
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions { Args = [], DisableDashboard = isDisabled });
        builder.Configuration[DashboardProgram.PathKey] = _place.FullName;
        builder.Configuration[DashboardEndpoints.FrontendKey] = address;
        builder.Services.AddLogging(logging => logging.ClearProviders().AddProvider(_log));
        builder.AddExecutable("talker", "/bin/sh", ".", "-c", "exec sleep 600");
        var application = builder.Build();
        await application.StartAsync(_deadline.Token);
        return application;
    }

    private Task AssertResourceRunsAsync(DistributedApplication application) =>
        application.ResourceNotifications.WaitForResourceAsync("talker", KnownResourceStates.Running, _deadline.Token);
}
