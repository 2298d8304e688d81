using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Hosting;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>A host whose state is in somebody's home, which other users cannot pass through.</summary>
public sealed class PrivateHomeTests : IAsyncLifetime
{
    private readonly string _home = Directory.CreateTempSubdirectory("agentplatform-test-home-").FullName;
    private readonly string _runtime = Path.Combine("/dev/shm", $"agentplatform-test-{Guid.NewGuid():N}");

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    private Wsl2HostOptions Options => new() { StateDirectory = Path.Combine(_home, ".local", "share", "host"), RuntimeDirectory = _runtime };

    public Task InitializeAsync()
    {
        HostDirectories.Make(_home, Private);
        return Task.CompletedTask;
    }

    public Task DisposeAsync()
    {
        Directory.Delete(_home, recursive: true);
        if (Directory.Exists(_runtime))
        {
            Directory.Delete(_runtime, recursive: true);
        }

        return Task.CompletedTask;
    }

    [Fact]
    public async Task AWorkspaceIsFetchedAndUsedThereAndTheHomeStaysPrivate()
    {
        await using var server = await GitServer.StartAsync();
        var head = server.Create("octo/project").Commit("refs/heads/main", null, "echo one > a.txt");
        await using (var host = new LinuxHost(Options))
        {
            // Twice: the second finds the first one's mount, and leaves it in its place for sandboxes that start meanwhile.
            var mounts = new HashSet<string>();
            for (var start = 0; start < 2; start++)
            {
                await using var node = await HostNode.StartAsync(Options, new() { ["Wsl2Host:Forges:forge.test:GitUrl"] = server.Url });
                var request = HostNode.NewInstance();
                var status = await node.Http.GetStringAsync(HostRoutes.Host);
                Assert.True(status.Contains("\"ready\":true", StringComparison.Ordinal), status);
                await node.Client.CreateInstanceAsync(request, CancellationToken.None);
                await node.Client.PrepareWorkspaceAsync(
                    request.Id,
                    new(1, new RepositorySource("forge.test", 7, "octo/project"), "refs/heads/main", head, BaseSha: null, Token: null),
                    CancellationToken.None);

                var (_, output) = await node.RunAsync(request.Id, HostNode.NewCommand("/bin/sh", "-c", "cat a.txt; git log --format=%H; ls -d /etc/ssl"));

                Assert.Equal($"one\n{head}\n/etc/ssl\n", output);
                await node.Client.DestroyInstanceAsync(request.Id, 1, CancellationToken.None);
                mounts.Add(File.ReadLines("/proc/self/mountinfo").Single(line => line.Contains($" {host.Directories.StateMount} ", StringComparison.Ordinal)));
            }

            Assert.Single(mounts);
            Assert.Equal(_home, HostDirectories.Barrier(Path.Combine(_home, "any")));
        }

        Assert.DoesNotContain(File.ReadLines("/proc/self/mountinfo"), line => line.Contains(_runtime, StringComparison.Ordinal));
    }

    [Fact]
    public void ARuntimeDirectoryThatNobodyCanReachIsAClearRefusal()
    {
        var options = Options;
        options.RuntimeDirectory = Path.Combine(_home, "run");

        var refused = Assert.Throws<InvalidOperationException>(new HostDirectories(options).Create);

        Assert.Contains($"other users cannot pass through {_home}. Set Wsl2Host:RuntimeDirectory", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(File.ReadLines("/proc/self/mountinfo"), line => line.Contains(_home, StringComparison.Ordinal));
    }
}
