using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;

namespace Services.Wsl2Host.Instances;

/// <summary>Instances as callers see them.</summary>
internal sealed class InstanceViews(IInstanceDriver driver, IInstanceDoors doors, TimeProvider time)
{
    public HostInstance Of(HeldInstance held)
    {
        var record = held.Record;
        return new HostInstance(
            record.Id,
            record.Owner,
            record.Ownership,
            record.Generation,
            record.State,
            record.Reason,
            record.Limits,
            record.CreatedAt,
            Math.Max(0, record.End.Left(time).TotalSeconds),
            record.Workspace is { Request: var request } ? new WorkspaceSummary(request.Repository, request.Sha, request.BaseSha) : null,
            new NetworkView(record.Phase, record.AllowedHosts, doors.HasModelToken(record.Id)),
            Usage(record));
    }

    private InstanceUsage? Usage(InstanceRecord record)
    {
        try
        {
            return record.State is InstanceState.Running or InstanceState.Stopped ? driver.Usage(record.Id) : null;
        }
        catch (HostRefusal)
        {
            // It has just gone.
            return null;
        }
    }
}
