using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Drivers.Scripted;
using Services.Wsl2Host.Hosting;
using Services.Wsl2Host.Instances;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>Leases on a clock that only the test moves.</summary>
public sealed class LeaseTests : IAsyncLifetime
{
    private readonly ManualTimeProvider _time = new();
    private readonly Wsl2HostOptions _options = new()
    {
        StateDirectory = Path.Combine(Path.GetTempPath(), $"agentplatform-test-{Guid.NewGuid():N}"),
        RuntimeDirectory = Path.Combine(Path.GetTempPath(), $"agentplatform-test-{Guid.NewGuid():N}"),
    };

    private InstanceKeeper _instances = null!;

    public async Task InitializeAsync() => _instances = await NewKeeperAsync();

    public Task DisposeAsync()
    {
        Directory.Delete(_options.StateDirectory, recursive: true);
        Directory.Delete(_options.RuntimeDirectory, recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task AnInstanceLivesForAsLongAsItIsRenewed()
    {
        var request = HostNode.NewInstance(leaseSeconds: 30);
        await _instances.CreateAsync(request, CancellationToken.None);
        for (var minute = 0; minute < 5; minute++)
        {
            _time.Advance(TimeSpan.FromSeconds(29));
            await _instances.EndExpiredAsync(CancellationToken.None);
            await _instances.RenewAsync(request.Id, new RenewLeaseRequest(1, 30), CancellationToken.None);
        }

        _time.Advance(TimeSpan.FromSeconds(30));
        await _instances.EndExpiredAsync(CancellationToken.None);

        Assert.Equal(HostProblemCodes.InstanceEnded, Assert.Throws<HostRefusal>(() => _instances.Find(request.Id)).Code);
    }

    [Fact]
    public async Task NoLeaseOutlastsTheLifeOfAnInstance()
    {
        var request = HostNode.NewInstance(leaseSeconds: 3600) with { Limits = new InstanceLimits(LifeSeconds: 60) };
        await _instances.CreateAsync(request, CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(61));
        await _instances.EndExpiredAsync(CancellationToken.None);

        Assert.Empty(_instances.All);
    }

    [Fact]
    public async Task ALeaseGoesOnWhileTheHostIsAway()
    {
        var (kept, lost) = (HostNode.NewInstance(leaseSeconds: 60), HostNode.NewInstance(leaseSeconds: 20));
        await _instances.CreateAsync(kept, CancellationToken.None);
        await _instances.CreateAsync(lost, CancellationToken.None);

        _time.Advance(TimeSpan.FromSeconds(30));
        _instances = await NewKeeperAsync();

        Assert.Equal(kept.Id, Assert.Single(_instances.All).Id);
        Assert.Equal(30, _instances.Find(kept.Id).Record.Lease.Left(_time).TotalSeconds, tolerance: 0.001);
        await Assert.ThrowsAsync<HostRefusal>(() => _instances.CreateAsync(lost, CancellationToken.None));
    }

    [Fact]
    public async Task TheLoopIsToldWhenToLookAgain()
    {
        await _instances.CreateAsync(HostNode.NewInstance(leaseSeconds: 1), CancellationToken.None);
        _time.Advance(TimeSpan.FromMilliseconds(700));

        var next = await _instances.EndExpiredAsync(CancellationToken.None);

        Assert.Equal(300, next.TotalMilliseconds, tolerance: 1.0);
    }

    [Fact]
    public async Task ACreationThatArrivesAfterTheEndBringsNothingBack()
    {
        var request = HostNode.NewInstance(generation: 4);
        await _instances.CreateAsync(request, CancellationToken.None);
        await _instances.DestroyAsync(request.Id, 4, "deleted", CancellationToken.None);
        _instances = await NewKeeperAsync();

        Assert.Equal(
            HostProblemCodes.InstanceEnded, (await Assert.ThrowsAsync<HostRefusal>(() => _instances.CreateAsync(request, CancellationToken.None))).Code);
        Assert.True((await _instances.CreateAsync(request with { Generation = 5 }, CancellationToken.None)).Created);
    }

    private async Task<InstanceKeeper> NewKeeperAsync()
    {
        var directories = new HostDirectories(_options);
        var keeper = new InstanceKeeper(
            new ScriptedDriver(directories, _time),
            directories,
            new EndedInstances(directories),
            new NoDoors(),
            Options.Create(_options),
            _time,
            NullLogger<InstanceKeeper>.Instance)
        {
            Fingerprint = new HostFingerprint(true, new Dictionary<string, string>(), []),
        };
        await keeper.RecoverAsync(CancellationToken.None);
        return keeper;
    }

    private sealed class NoDoors : IInstanceDoors
    {
        public Task OpenAsync(InstanceRecord instance) => Task.CompletedTask;

        public Task SetAsync(InstanceId instance, NetworkPhase phase, IReadOnlyList<string> allowedHosts, SecretText? modelToken) => Task.CompletedTask;

        public bool HasModelToken(InstanceId instance) => false;

        public Task CloseAsync(InstanceId instance) => Task.CompletedTask;
    }
}
