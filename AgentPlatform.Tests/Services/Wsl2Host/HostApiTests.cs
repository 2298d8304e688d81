using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.HostCalls;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>The host's API, with real instances.</summary>
public sealed class HostApiTests : IAsyncLifetime
{
    private readonly LinuxHost _host = new();
    private HostNode _node = null!;

    public async Task InitializeAsync() => _node = await StartAsync();

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task AnInstanceIsMadeOnceAndFoundAfterwards()
    {
        var request = HostNode.NewInstance();

        using var first = await PostAsync(HostRoutes.Instances, request, HostsJsonContext.Default.CreateInstanceRequest);
        using var second = await PostAsync(HostRoutes.Instances, request, HostsJsonContext.Default.CreateInstanceRequest);

        Assert.Equal(HttpStatusCode.Created, first.StatusCode);
        Assert.Equal(HttpStatusCode.OK, second.StatusCode);
        var instance = await _node.Client.GetInstanceAsync(request.Id, CancellationToken.None);
        Assert.Equal(InstanceState.Running, instance.State);
        Assert.Equal(256L << 20, instance.Limits.MemoryBytes);
        Assert.Equal(NetworkPhase.Closed, instance.Network.Phase);
        Assert.InRange(instance.LeaseSecondsLeft, 30, 60);
        Assert.NotNull(instance.Usage);
    }

    [Fact]
    public async Task ManyCallersForOneInstanceGetTheSameOne()
    {
        var request = HostNode.NewInstance();

        var all = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => _node.Client.CreateInstanceAsync(request, CancellationToken.None)));

        Assert.All(all, instance => Assert.Equal(InstanceState.Running, instance.State));
        Assert.Single(Directory.EnumerateDirectories(_host.Directories.Instances));
    }

    [Fact]
    public async Task AFullHostSaysSoAndHasRoomAgainAfterADestruction()
    {
        var requests = Enumerable.Range(0, 3).Select(_ => HostNode.NewInstance()).ToList();

        var outcomes = await Task.WhenAll(requests.Select(async request =>
        {
            try
            {
                return (await _node.Client.CreateInstanceAsync(request, CancellationToken.None)).State.ToString();
            }
            catch (HostCallException refused)
            {
                return refused.Code!;
            }
        }));

        Assert.Equal(["Running", "Running", HostProblemCodes.HostFull], outcomes.Order(StringComparer.Ordinal));
        var made = requests[Array.IndexOf(outcomes, "Running")];
        await _node.Client.DestroyInstanceAsync(made.Id, 1, CancellationToken.None);
        Assert.Equal(InstanceState.Running, (await _node.Client.CreateInstanceAsync(HostNode.NewInstance(), CancellationToken.None)).State);
    }

    [Fact]
    public async Task AnOlderGenerationIsRefusedEverywhereAndANewerOneTakesOver()
    {
        var request = HostNode.NewInstance(generation: 5);
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);
        var command = HostNode.NewCommand("/bin/sleep", "60") with { Generation = 5 };
        await _node.Client.StartCommandAsync(request.Id, command, CancellationToken.None);

        await RefusedAsync(HostProblemCodes.StaleGeneration, client => client.CreateInstanceAsync(request with { Generation = 4 }, CancellationToken.None));
        await RefusedAsync(HostProblemCodes.StaleGeneration, client => client.RenewLeaseAsync(request.Id, new RenewLeaseRequest(4, 60), CancellationToken.None));
        await RefusedAsync(HostProblemCodes.StaleGeneration, client => client.StartCommandAsync(request.Id, HostNode.NewCommand("/bin/true") with { Generation = 4 }, CancellationToken.None));
        await RefusedAsync(HostProblemCodes.StaleGeneration, client => client.StopCommandAsync(request.Id, command.Id, new StopCommandRequest(4), CancellationToken.None));
        await RefusedAsync(HostProblemCodes.StaleGeneration, client => client.SetNetworkAsync(request.Id, new SetNetworkRequest(4, NetworkPhase.Closed), CancellationToken.None));
        await RefusedAsync(HostProblemCodes.StaleGeneration, client => client.DestroyInstanceAsync(request.Id, 4, CancellationToken.None));

        Assert.Equal(6, (await _node.Client.RenewLeaseAsync(request.Id, new RenewLeaseRequest(6, 60), CancellationToken.None)).Generation);
        await RefusedAsync(HostProblemCodes.StaleGeneration, client => client.RenewLeaseAsync(request.Id, new RenewLeaseRequest(5, 60), CancellationToken.None));
    }

    [Fact]
    public async Task AnInstanceThatNobodyRenewsEndsAndItsIdIsUsedUp()
    {
        var request = HostNode.NewInstance(leaseSeconds: 1);
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);
        await _node.Client.StartCommandAsync(request.Id, HostNode.NewCommand("/bin/sleep", "600"), CancellationToken.None);

        await UntilAsync(() => Task.FromResult(!Directory.Exists(_host.Directories.Instance(request.Id))));

        Assert.Empty(_host.Remains());
        await RefusedAsync(HostProblemCodes.InstanceEnded, client => client.GetInstanceAsync(request.Id, CancellationToken.None));
        await RefusedAsync(HostProblemCodes.InstanceEnded, client => client.CreateInstanceAsync(request, CancellationToken.None));
        await RefusedAsync(HostProblemCodes.InstanceEnded, client => client.RenewLeaseAsync(request.Id, new RenewLeaseRequest(1, 60), CancellationToken.None));
        await _node.Client.DestroyInstanceAsync(request.Id, 1, CancellationToken.None);
    }

    [Fact]
    public async Task ACommandRunsItsOutputIsFollowedAndItsInputWritten()
    {
        var request = HostNode.NewInstance();
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);
        var command = HostNode.NewCommand("/bin/cat") with { Input = true };

        await _node.Client.StartCommandAsync(request.Id, command, CancellationToken.None);
        var reading = _node.Client.ReadOutputAsync(request.Id, command.Id, 0, waitSeconds: 30, CancellationToken.None);
        await _node.Client.WriteInputAsync(request.Id, command.Id, new WriteInputRequest(1, 1, "hello\n"u8.ToArray()), CancellationToken.None);

        var page = await reading;
        Assert.Equal(("hello\n", 6L, false), (Encoding.UTF8.GetString(page.Bytes), page.NextOffset, page.End));
        await _node.Client.WriteInputAsync(request.Id, command.Id, new WriteInputRequest(1, 2, [], End: true), CancellationToken.None);
        var ended = await _node.Client.GetCommandAsync(request.Id, command.Id, waitSeconds: 30, CancellationToken.None);
        Assert.Equal((CommandState.Ended, CommandEnd.Exited, 0, 2L), (ended.State, ended.End!.Value, ended.ExitCode!.Value, ended.InputNumber));
        page = await _node.Client.ReadOutputAsync(request.Id, command.Id, page.NextOffset, waitSeconds: 30, CancellationToken.None);
        Assert.Equal((0, true), (page.Bytes.Length, page.End));
    }

    [Fact]
    public async Task ACommandIsStartedOnceAndAnotherUnderItsIdIsRefused()
    {
        var request = HostNode.NewInstance();
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);
        var command = HostNode.NewCommand("/bin/sh", "-c", "echo run >> /tmp/runs; cat /tmp/runs");

        await _node.RunAsync(request.Id, command);
        var (again, output) = await _node.RunAsync(request.Id, command);

        Assert.Equal(("run\n", CommandState.Ended), (output, again.State));
        await RefusedAsync(HostProblemCodes.IdReused, client => client.StartCommandAsync(request.Id, command with { Argv = ["/bin/true"] }, CancellationToken.None));
    }

    [Fact]
    public async Task ACommandWhoseTimeIsOverIsStopped()
    {
        var request = HostNode.NewInstance();
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);

        var (ended, _) = await _node.RunAsync(request.Id, HostNode.NewCommand("/bin/sleep", "600") with { TimeoutSeconds = 1 });

        Assert.Equal(CommandEnd.TimedOut, ended.End);
    }

    [Fact]
    public async Task VariablesAndSecretsReachTheCommand()
    {
        var request = HostNode.NewInstance();
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);

        var (_, output) = await _node.RunAsync(request.Id, HostNode.NewCommand("/usr/bin/env") with
        {
            Environment = new Dictionary<string, string> { ["PLAIN"] = "one", ["LANG"] = "C" },
            Secrets = new Dictionary<string, SecretText> { ["HIDDEN"] = new("two") },
        });

        Assert.Equal(
            ["HIDDEN=two", "HOME=/home/agent", "LANG=C", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "PLAIN=one", "PWD=/workspace", "TMPDIR=/tmp", "USER=agent"],
            output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task ARestartedHostGoesOnWithWhatItHad()
    {
        var request = HostNode.NewInstance(generation: 3);
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);
        var command = HostNode.NewCommand("/bin/sh", "-c", "echo before; read -r line; echo $line") with { Generation = 3, Input = true };
        await _node.Client.StartCommandAsync(request.Id, command, CancellationToken.None);
        var page = await _node.Client.ReadOutputAsync(request.Id, command.Id, 0, waitSeconds: 30, CancellationToken.None);

        await _node.DisposeAsync();
        _node = await StartAsync();

        var instance = await _node.Client.GetInstanceAsync(request.Id, CancellationToken.None);
        Assert.Equal((InstanceState.Running, 3L), (instance.State, instance.Generation));
        Assert.InRange(instance.LeaseSecondsLeft, 10, 60);
        Assert.Equal(CommandState.Running, (await _node.Client.StartCommandAsync(request.Id, command, CancellationToken.None)).State);
        await _node.Client.WriteInputAsync(request.Id, command.Id, new WriteInputRequest(3, 1, "after\n"u8.ToArray()), CancellationToken.None);
        await _node.Client.GetCommandAsync(request.Id, command.Id, waitSeconds: 30, CancellationToken.None);
        page = await _node.Client.ReadOutputAsync(request.Id, command.Id, page.NextOffset, waitSeconds: 0, CancellationToken.None);
        Assert.Equal("after\n", Encoding.UTF8.GetString(page.Bytes));
        await RefusedAsync(HostProblemCodes.StaleGeneration, client => client.RenewLeaseAsync(request.Id, new RenewLeaseRequest(2, 60), CancellationToken.None));
    }

    [Fact]
    public async Task ALifelineEndsEverythingWithItsHost()
    {
        await _node.DisposeAsync();
        _node = await StartAsync(new() { ["Wsl2Host:Lifeline"] = "true" });
        var request = HostNode.NewInstance();
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);
        await _node.Client.StartCommandAsync(request.Id, HostNode.NewCommand("/bin/sleep", "600"), CancellationToken.None);
        Assert.NotEmpty(_host.Remains());

        await _node.DisposeAsync();

        Assert.Empty(_host.Remains());
        _node = await StartAsync();
    }

    [Fact]
    public async Task AStoppedInstanceCanBeReadButNotUsed()
    {
        var request = HostNode.NewInstance();
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);
        var command = HostNode.NewCommand("/bin/sh", "-c", "echo said; sleep 600");
        await _node.Client.StartCommandAsync(request.Id, command, CancellationToken.None);
        await _node.Client.ReadOutputAsync(request.Id, command.Id, 0, waitSeconds: 30, CancellationToken.None);

        using var stopped = await PostAsync(HostRoutes.StopInstance(request.Id), new StopInstanceRequest(1, 0), HostsJsonContext.Default.StopInstanceRequest);

        Assert.Equal(HttpStatusCode.OK, stopped.StatusCode);
        Assert.Equal("said\n", await _node.OutputAsync(request.Id, command.Id));
        Assert.Equal(CommandEnd.Stopped, (await _node.Client.GetCommandAsync(request.Id, command.Id, 0, CancellationToken.None)).End);
        await RefusedAsync(HostProblemCodes.InstanceEnded, client => client.StartCommandAsync(request.Id, HostNode.NewCommand("/bin/true"), CancellationToken.None));
    }

    [Theory]
    [InlineData("GET", HostRoutes.Host)]
    [InlineData("GET", HostRoutes.Instances)]
    [InlineData("POST", HostRoutes.Instances)]
    public async Task NothingIsAnsweredWithoutAToken(string method, string path)
    {
        using var stranger = new HttpClient { BaseAddress = _node.Http.BaseAddress };
        using var nobody = await stranger.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);

        stranger.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _node.Token(Scopes.RunsRead));
        using var unfit = await stranger.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
        Assert.Equal(HttpStatusCode.Forbidden, unfit.StatusCode);
    }

    [Fact]
    public async Task WhatCannotBeACommandIsRefusedWithAReason()
    {
        var request = HostNode.NewInstance();
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);
        var good = HostNode.NewCommand("/bin/true");
        foreach (var bad in (StartCommandRequest[])
                 [
                     good with { Argv = [] },
                     good with { Argv = [""] },
                     good with { Argv = ["a\0b"] },
                     good with { Argv = [.. Enumerable.Repeat("x", HostLimits.ArgumentsMax + 1)] },
                     good with { Argv = ["x", new string('x', HostLimits.CommandBytesMax)] },
                     good with { Name = "" },
                     good with { WorkingDirectory = "relative" },
                     good with { TimeoutSeconds = 0 },
                     good with { Environment = new Dictionary<string, string> { ["A=B"] = "" } },
                     good with { Environment = new Dictionary<string, string> { ["A\n"] = "" } },
                     good with { Environment = new Dictionary<string, string> { ["A"] = "" }, Secrets = new Dictionary<string, SecretText> { ["A"] = new("") } },
                 ])
        {
            await RefusedAsync(ProblemCodes.InvalidRequest, client => client.StartCommandAsync(request.Id, bad, CancellationToken.None));
        }

        await RefusedAsync(ProblemCodes.NotFound, client => client.GetCommandAsync(request.Id, CommandId.New(TimeProvider.System), 0, CancellationToken.None));
        await RefusedAsync(ProblemCodes.NotFound, client => client.StartCommandAsync(InstanceId.New(TimeProvider.System), good, CancellationToken.None));
    }

    [Fact]
    public async Task TheHostDescribesItself()
    {
        var status = await _node.Http.GetFromJsonAsync(HostRoutes.Host, HostsJsonContext.Default.HostStatus);

        Assert.Equal("linux", status!.Driver);
        Assert.True(status.Fingerprint.Ready);
        Assert.Equal(2, status.Capacity.InstancesMax);
        Assert.Equal("linux", status.Labels["os"]);
        await _node.DisposeAsync();
        _node = await StartAsync();
        Assert.Equal(status.Id, (await _node.Http.GetFromJsonAsync(HostRoutes.Host, HostsJsonContext.Default.HostStatus))!.Id);
    }

    private Task<HostNode> StartAsync(Dictionary<string, string?>? settings = null)
    {
        settings ??= [];
        settings["Wsl2Host:MaxInstances"] = "2";
        return HostNode.StartAsync(_host.Options, settings);
    }

    private async Task RefusedAsync(string code, Func<HostClient, Task> call)
    {
        var refused = await Assert.ThrowsAsync<HostCallException>(() => call(_node.Client));
        Assert.Equal(code, refused.Code);
    }

    private Task<HttpResponseMessage> PostAsync<T>(string path, T body, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type) =>
        _node.Http.PostAsync(path, new StringContent(JsonSerializer.Serialize(body, type), Encoding.UTF8, "application/json"));

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await condition())
        {
            await Task.Delay(10, deadline.Token);
        }
    }
}
