using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Contracts.Models;
using AgentPlatform.ServiceDefaults.HostCalls;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Services.Wsl2Host.Doors.Registries;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>The ways out of an instance: each leads where it should, and there is no other.</summary>
public sealed class DoorTests : IAsyncLifetime, IDisposable
{
    private const string ModelToken = "model-token-canary-4711";

    /// <summary>Sends a request to a Unix socket or a port, and prints the answer as it comes.</summary>
    private const string Call = """
        perl -MSocket -e 'my ($to, $request) = @ARGV; $request =~ s/\\r\\n/\r\n/g; $| = 1;
        if ($to =~ /^\//) { socket(S, PF_UNIX, SOCK_STREAM, 0); connect(S, sockaddr_un($to)) or die "no: $!\n" }
        else { socket(S, PF_INET, SOCK_STREAM, 0); connect(S, sockaddr_in($to, INADDR_LOOPBACK)) or die "no: $!\n" }
        syswrite(S, $request); while (sysread(S, my $some, 4096)) { print $some }' "$@" 2>&1
        """;

    private readonly LinuxHost _host = new();
    private readonly ConcurrentQueue<(string Path, string? Token, string? Authorization, string Body)> _calls = [];
    private readonly IPAddress _registry = new([127, 83, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(1, 255)]);
    private readonly SemaphoreSlim _goOn = new(0);
    private WebApplication _sessions = null!;
    private HostNode _node = null!;

    public async Task InitializeAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        _sessions = builder.Build();
        _sessions.Run(AnswerAsync);
        await _sessions.StartAsync();
        _node = await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await _node.DisposeAsync();
        await _host.DisposeAsync();
        await _sessions.DisposeAsync();
    }

    public void Dispose() => _goOn.Dispose();

    [Theory]
    [InlineData(InstancePaths.ModelSocket)]
    [InlineData("8321")]
    public async Task AModelCallGoesToTheGatewayWithTheTokenOfTheRun(string to)
    {
        var instance = await NewInstanceAsync();
        await OpenModelDoorAsync(instance);

        var answer = await CallAsync(
            instance, to, "POST /v1/messages?beta=true HTTP/1.1\r\nHost: x\r\nx-api-key: instance\r\nAuthorization: Bearer instance\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}");

        Assert.Contains("200 OK", answer, StringComparison.Ordinal);
        Assert.Contains("first", answer, StringComparison.Ordinal);
        var (path, token, authorization, body) = Assert.Single(_calls);
        Assert.Equal(("/model-gateway/anthropic/v1/messages?beta=true", ModelToken, "{}"), (path, token, body));
        Assert.StartsWith("Bearer ey", authorization, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnAnswerIsPassedOnAsItComes()
    {
        var instance = await NewInstanceAsync();
        await OpenModelDoorAsync(instance);
        var command = Start(InstancePaths.ModelSocket, "POST /v1/messages/stream HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        command = command with { Argv = [.. command.Argv.Take(4), command.Argv[4], command.Argv[5].Replace("/v1/messages/stream", "/v1/messages?stream", StringComparison.Ordinal)] };

        await _node.Client.StartCommandAsync(instance, command, CancellationToken.None);
        await UntilOutputAsync(instance, command.Id, "first");

        Assert.DoesNotContain("second", await _node.OutputAsync(instance, command.Id), StringComparison.Ordinal);
        _goOn.Release();
        await UntilOutputAsync(instance, command.Id, "second");
    }

    [Theory]
    [InlineData("GET /")]
    [InlineData("GET /api/v1/instances")]
    [InlineData("POST /v1/files")]
    [InlineData("POST /v1/messages/../../api/v1/runs")]
    [InlineData("POST /v1/messages%2F..")]
    [InlineData("DELETE /v1/messages")]
    [InlineData("POST /openai/v2/responses")]
    public async Task NothingButModelCallsGoesThroughTheModelDoor(string request)
    {
        var instance = await NewInstanceAsync();
        await OpenModelDoorAsync(instance);

        var answer = await CallAsync(instance, InstancePaths.ModelSocket, $"{request} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.Matches("HTTP/1.1 (404|400)", answer);
        Assert.Empty(_calls);
    }

    [Fact]
    public async Task TheModelDoorIsNotThereUntilItIsOpenedAndOutlivesARestart()
    {
        var instance = await NewInstanceAsync();
        Assert.StartsWith("no: ", await CallAsync(instance, InstancePaths.ModelSocket, "x"), StringComparison.Ordinal);
        await OpenModelDoorAsync(instance);
        var command = Start(InstancePaths.ModelSocket, "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        command = command with { Argv = ["/bin/sh", "-c", $"echo ready; read -r _; {Call}", .. command.Argv.Skip(3)], Input = true };
        await _node.Client.StartCommandAsync(instance, command, CancellationToken.None);
        await UntilOutputAsync(instance, command.Id, "ready");

        await _node.DisposeAsync();
        _node = await StartAsync();
        await _node.Client.WriteInputAsync(instance, command.Id, new WriteInputRequest(1, 1, "\n"u8.ToArray()), CancellationToken.None);

        await UntilOutputAsync(instance, command.Id, "200 OK");
        Assert.Equal(ModelToken, Assert.Single(_calls).Token);
        Assert.True((await _node.Client.GetInstanceAsync(instance, CancellationToken.None)).Network.ModelDoorOpen);
    }

    [Fact]
    public async Task TheTokenOfTheRunIsNowhereInTheInstance()
    {
        var instance = await NewInstanceAsync();
        await OpenModelDoorAsync(instance);
        await CallAsync(instance, InstancePaths.ModelSocket, "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        var (_, output) = await _node.RunAsync(
            instance, HostNode.NewCommand("/bin/sh", "-c", "grep -rl 4711 /proc/[0-9]*/environ /home /tmp /run /workspace /etc 2>/dev/null | grep -v cmdline; echo end"));

        Assert.Equal("end\n", output);
        Assert.Single(_calls);
    }

    [Fact]
    public async Task AGatewayThatIsAwayIsSomethingToTryAgain()
    {
        var instance = await NewInstanceAsync();
        await OpenModelDoorAsync(instance);
        await _sessions.StopAsync();

        var answer = await CallAsync(instance, InstancePaths.ModelSocket, "POST /v1/messages HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");

        Assert.Contains("503 Service Unavailable", answer, StringComparison.Ordinal);
        Assert.Contains("overloaded_error", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RegistriesAreReachedDuringSetupOnly()
    {
        await using var registry = await PlainRegistryAsync();
        var port = new Uri(registry.Urls.First()).Port;
        var instance = await NewInstanceAsync();
        var read = $"GET http://registry.test:{port}/package HTTP/1.1\r\nHost: x\r\n\r\n";
        Assert.StartsWith("no: ", await CallAsync(instance, "3128", read), StringComparison.Ordinal);

        await SetupAsync(instance);
        Assert.Contains("the package", await CallAsync(instance, "3128", read), StringComparison.Ordinal);
        Assert.Contains("the package", await CallAsync(instance, $"{InstancePaths.Doors}/registry.sock", read), StringComparison.Ordinal);
        Assert.Contains("403 Forbidden", await CallAsync(instance, "3128", "GET http://elsewhere.test/ HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("400 Bad Request", await CallAsync(instance, "3128", $"POST http://registry.test:{port}/package HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("400 Bad Request", await CallAsync(instance, "3128", $"GET http://{_registry}:{port}/ HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("502 Bad Gateway", await CallAsync(instance, "3128", $"GET http://private.test:{port}/package HTTP/1.1\r\n\r\n"), StringComparison.Ordinal);
        Assert.Contains("HTTPS_PROXY=http://127.0.0.1:3128", (await _node.RunAsync(instance, HostNode.NewCommand("/usr/bin/env"))).Output, StringComparison.Ordinal);

        await _node.Client.SetNetworkAsync(instance, new SetNetworkRequest(1, NetworkPhase.Closed), CancellationToken.None);
        Assert.StartsWith("no: ", await CallAsync(instance, "3128", read), StringComparison.Ordinal);
        Assert.StartsWith("no: ", await CallAsync(instance, $"{InstancePaths.Doors}/registry.sock", read), StringComparison.Ordinal);
        Assert.DoesNotContain("PROXY", (await _node.RunAsync(instance, HostNode.NewCommand("/usr/bin/env"))).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATunnelIsCutWhenTheNetworkCloses()
    {
        using var registry = new TcpListener(_registry, 443);
        registry.Start();
        var instance = await NewInstanceAsync();
        await SetupAsync(instance);
        var command = Start("3128", "CONNECT registry.test:443 HTTP/1.1\r\n\r\nhello");
        await _node.Client.StartCommandAsync(instance, command, CancellationToken.None);
        using var tunnel = await registry.AcceptSocketAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var buffer = new byte[100];
        Assert.Equal("hello", Encoding.ASCII.GetString(buffer, 0, await tunnel.ReceiveAsync(buffer.AsMemory())));
        await tunnel.SendAsync("and back"u8.ToArray());
        await UntilOutputAsync(instance, command.Id, "and back");

        await _node.Client.SetNetworkAsync(instance, new SetNetworkRequest(1, NetworkPhase.Closed), CancellationToken.None);

        Assert.Equal(0, await ReceiveOrNothingAsync(tunnel, buffer));
        Assert.Equal(CommandState.Ended, (await _node.Client.GetCommandAsync(instance, command.Id, 30, CancellationToken.None)).State);
    }

    [Fact]
    public async Task ARestartedHostKeepsThePhase()
    {
        await using var registry = await PlainRegistryAsync();
        var read = $"GET http://registry.test:{new Uri(registry.Urls.First()).Port}/package HTTP/1.1\r\nHost: x\r\n\r\n";
        var (open, closed) = (await NewInstanceAsync(), await NewInstanceAsync());
        await SetupAsync(open);
        await SetupAsync(closed);
        await _node.Client.SetNetworkAsync(closed, new SetNetworkRequest(1, NetworkPhase.Closed), CancellationToken.None);

        await _node.DisposeAsync();
        _node = await StartAsync();

        Assert.Contains("the package", await CallAsync(open, "3128", read), StringComparison.Ordinal);
        Assert.StartsWith("no: ", await CallAsync(closed, "3128", read), StringComparison.Ordinal);
    }

    [Fact]
    public async Task APolicyThatNamesAddressesIsRefusedAndChangesNothing()
    {
        var instance = await NewInstanceAsync();

        var refused = await Assert.ThrowsAsync<HostCallException>(
            () => _node.Client.SetNetworkAsync(instance, new SetNetworkRequest(1, NetworkPhase.Setup, ["169.254.169.254"]), CancellationToken.None));

        Assert.Equal(ProblemCodes.InvalidRequest, refused.Code);
        Assert.Equal(NetworkPhase.Closed, (await _node.Client.GetInstanceAsync(instance, CancellationToken.None)).Network.Phase);
    }

    private Task<HostNode> StartAsync() => HostNode.StartAsync(
        _host.Options,
        new() { ["Services:sessions:http:0"] = _sessions.Urls.First(), ["Wsl2Host:PrivateRegistries:0"] = "registry.test" },
        builder => builder.Services.AddSingleton<IAddressResolver>(new Names(_registry)));

    private async Task<InstanceId> NewInstanceAsync()
    {
        var request = HostNode.NewInstance();
        await _node.Client.CreateInstanceAsync(request, CancellationToken.None);
        return request.Id;
    }

    private Task OpenModelDoorAsync(InstanceId instance) => _node.Client.SetNetworkAsync(
        instance, new SetNetworkRequest(1, NetworkPhase.Closed, Model: new ModelDoorRequest(new SecretText(ModelToken))), CancellationToken.None);

    private Task SetupAsync(InstanceId instance) =>
        _node.Client.SetNetworkAsync(instance, new SetNetworkRequest(1, NetworkPhase.Setup, ["registry.test", "private.test"]), CancellationToken.None);

    private static StartCommandRequest Start(string to, string request) =>
        HostNode.NewCommand("/bin/sh", "-c", Call, "call", to, request.Replace("\r\n", "\\r\\n", StringComparison.Ordinal));

    private async Task<string> CallAsync(InstanceId instance, string to, string request) => (await _node.RunAsync(instance, Start(to, request))).Output;

    private async Task UntilOutputAsync(InstanceId instance, CommandId command, string expected)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var (text, offset) = ("", 0L);
        while (!text.Contains(expected, StringComparison.Ordinal))
        {
            var page = await _node.Client.ReadOutputAsync(instance, command, offset, waitSeconds: 20, deadline.Token);
            Assert.False(page.End && page.Bytes.Length == 0, $"ended without '{expected}': {text}");
            text += Encoding.UTF8.GetString(page.Bytes);
            offset = page.NextOffset;
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        _calls.Enqueue((
            context.Request.Path + context.Request.QueryString,
            context.Request.Headers[ModelGatewayRoutes.TokenHeader],
            context.Request.Headers.Authorization,
            await reader.ReadToEndAsync()));
        await context.Response.WriteAsync("first\n");
        await context.Response.Body.FlushAsync();
        if (context.Request.QueryString.Value == "?stream")
        {
            await _goOn.WaitAsync(context.RequestAborted);
            await context.Response.WriteAsync("second\n");
        }
    }

    private async Task<WebApplication> PlainRegistryAsync()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls($"http://{_registry}:0");
        var app = builder.Build();
        app.Run(context => context.Response.WriteAsync("the package\n"));
        await app.StartAsync();
        return app;
    }

    private static async Task<int> ReceiveOrNothingAsync(Socket socket, byte[] buffer)
    {
        try
        {
            return await socket.ReceiveAsync(buffer.AsMemory()).AsTask().WaitAsync(TimeSpan.FromSeconds(60));
        }
        catch (SocketException)
        {
            return 0;
        }
    }

    /// <summary>Every name leads to the test's own loopback address.</summary>
    private sealed class Names(IPAddress address) : IAddressResolver
    {
        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<IPAddress>>([address]);
    }
}
