using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.HostCalls;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>A host, a forge, and a repository with a pull request on it.</summary>
public abstract class WorkspaceTestBase : IAsyncLifetime
{
    private protected const string Forge = "forge.test";
    private protected const string Token = "ghs_1001_canary.token-0123456789abcdefghijklmnop";

    private protected LinuxHost Host { get; } = new();

    private protected GitServer Server { get; private set; } = null!;

    private protected HostNode Node { get; set; } = null!;

    private protected TestRepository Repository { get; private set; } = null!;

    /// <summary>The tip of the default branch.</summary>
    private protected string Base { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await GitServer.StartAsync();
        Server.Token = Token;
        Repository = Server.Create("octo/project");
        Base = Repository.Commit("refs/heads/main", null, "mkdir src; echo one > src/a.txt; echo same > src/b.txt; printf '#!/bin/sh\\necho built\\n' > build.sh; chmod 755 build.sh");
        Node = await StartAsync();
    }

    public async Task DisposeAsync()
    {
        await Node.DisposeAsync();
        await Host.DisposeAsync();
        await Server.DisposeAsync();
    }

    private protected Task<HostNode> StartAsync(params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> all = new() { [$"Wsl2Host:Forges:{Forge}:GitUrl"] = Server.Url };
        foreach (var (key, value) in settings)
        {
            all[key] = value;
        }

        return HostNode.StartAsync(Host.Options, all);
    }

    private protected async Task RestartAsync(params (string Key, string Value)[] settings)
    {
        await Node.DisposeAsync();
        Node = await StartAsync(settings);
    }

    private protected PrepareWorkspaceRequest Request(string sha, string? reference = "refs/pull/1/head") =>
        new(1, new RepositorySource(Forge, 42, "octo/project"), reference, sha, Base, new SecretText(Token));

    private protected async Task<InstanceId> NewInstanceAsync()
    {
        var request = HostNode.NewInstance();
        await Node.Client.CreateInstanceAsync(request, CancellationToken.None);
        return request.Id;
    }

    /// <summary>An instance with a commit checked out.</summary>
    private protected async Task<(InstanceId Instance, WorkspaceView View)> PreparedAsync(string sha, string? reference = "refs/pull/1/head")
    {
        var instance = await NewInstanceAsync();
        return (instance, await Node.Client.PrepareWorkspaceAsync(instance, Request(sha, reference), CancellationToken.None));
    }

    private protected async Task<string> ShellAsync(InstanceId instance, string script) =>
        (await Node.RunAsync(instance, HostNode.NewCommand("/bin/sh", "-c", script))).Output;

    private protected async Task<string?> RefusedAsync(PrepareWorkspaceRequest request)
    {
        var instance = await NewInstanceAsync();
        var refused = await Assert.ThrowsAsync<HostCallException>(() => Node.Client.PrepareWorkspaceAsync(instance, request, CancellationToken.None));
        await Node.Client.DestroyInstanceAsync(instance, 1, CancellationToken.None);
        return refused.Code;
    }
}
