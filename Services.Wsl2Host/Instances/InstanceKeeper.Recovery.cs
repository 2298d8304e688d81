using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Instances;

/// <content>Taking up what an earlier process held.</content>
internal sealed partial class InstanceKeeper
{
    /// <summary>
    /// Holds again what the driver found and an earlier process had written down. What only one of the two knows is removed. Leases go on from where
    /// they were: whoever could not renew one while the host was away may have lost it.
    /// </summary>
    public async Task RecoverAsync(CancellationToken cancellationToken)
    {
        ended.Load();
        foreach (var id in await driver.RecoverAsync(cancellationToken))
        {
            var record = InstanceRecord.Read(directories.Instance(id));
            if (record is null || record.State is InstanceState.Creating || ended.Has(id, record.Generation))
            {
                // Half made, or its end was cut short after it had been noted.
                await driver.DestroyAsync(id, cancellationToken);
                continue;
            }

            var held = new HeldInstance(record, directories.Instance(id));
            held.Made.SetResult();
            _held[id] = held;
            if (record.State == InstanceState.Running)
            {
                await doors.OpenAsync(record);
            }
        }

        await EndExpiredAsync(cancellationToken);
    }

    /// <summary>Ends everything, for a host that leaves nothing behind.</summary>
    public async Task EndAllAsync(string reason, CancellationToken cancellationToken)
    {
        foreach (var held in _held.Values)
        {
            await DestroyAsync(held.Id, held.Record.Generation, reason, cancellationToken);
        }
    }
}
