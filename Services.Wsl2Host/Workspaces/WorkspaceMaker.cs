using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.Failpoints;
using Microsoft.Extensions.Options;
using Services.Wsl2Host.Drivers;
using Services.Wsl2Host.Hosting;
using Services.Wsl2Host.Instances;
using Services.Wsl2Host.Workspaces.Git;

namespace Services.Wsl2Host.Workspaces;

/// <summary>Gets a commit into an instance: fetch, checkout, and both laid under the workspace. Fetching holds nothing back that the instance needs meanwhile.</summary>
internal sealed class WorkspaceMaker(
    InstanceKeeper instances, IInstanceDriver driver, Mirrors mirrors, Checkouts checkouts, IOptions<Wsl2HostOptions> options, TimeProvider time)
{
    public async Task<WorkspaceView> PrepareAsync(InstanceId id, PrepareWorkspaceRequest request, CancellationToken cancellationToken)
    {
        var repository = Check(request);
        var asked = request with { Token = null, Generation = 0 };
        var known = await instances.WithAsync(id, request.Generation, held => Task.FromResult(Known(held, asked)), cancellationToken);
        if (known is not null)
        {
            return known;
        }

        if (driver.Tools is not { } tools)
        {
            // A driver that starts nothing has nothing to check out for.
            var nothing = new WorkspaceView(request.Repository, request.Sha, request.BaseSha, request.BaseSha, [], false, [], false, false, 0, 0);
            return await AttachAsync(id, request.Generation, asked, nothing, checkout: "", cancellationToken);
        }

        var git = new GitRunner(tools);
        var begun = time.GetTimestamp();
        var fetched = await FetchAsync(git, repository, request, cancellationToken);
        var afterFetch = time.GetTimestamp();
        var checkedOut = await CheckOutAsync(git, repository, request, cancellationToken);
        var key = Checkouts.KeyOf(repository, request);
        var notes = checkouts.Notes(key);
        var view = new WorkspaceView(
            request.Repository,
            request.Sha,
            request.BaseSha,
            notes.MergeBase,
            notes.ChangedFiles,
            notes.ChangedFilesTruncated,
            notes.Restored,
            fetched,
            checkedOut,
            time.GetElapsedTime(begun, afterFetch).TotalMilliseconds,
            time.GetElapsedTime(afterFetch).TotalMilliseconds);
        await Failpoint.PassAsync(FailpointNames.WorkspaceFetched);
        return await AttachAsync(id, request.Generation, asked, view, key, cancellationToken);
    }

    /// <summary>The diff of an instance's workspace.</summary>
    public WorkspaceDiff Diff(InstanceId id)
    {
        var workspace = instances.Find(id).Record.Workspace ?? throw HostRefusal.NoSuchWorkspace(id);
        if (workspace.Checkout.Length == 0)
        {
            return new WorkspaceDiff("", Truncated: false);
        }

        var notes = checkouts.Notes(workspace.Checkout);
        return new WorkspaceDiff(notes.Patch, notes.PatchTruncated);
    }

    /// <summary>Makes room for more.</summary>
    public void Evict()
    {
        var inUse = instances.All.Select(held => held.Record.Workspace?.Checkout).OfType<string>().ToHashSet(StringComparer.Ordinal);
        mirrors.Evict(checkouts.Evict(inUse));
    }

    private Repository Check(PrepareWorkspaceRequest request)
    {
        GitNames.CheckSha(request.Sha, "sha");
        if (request.BaseSha is not null)
        {
            GitNames.CheckSha(request.BaseSha, "baseSha");
        }

        if (request.Ref is not null)
        {
            GitNames.CheckRef(request.Ref);
        }

        return Repository.Of(request.Repository ?? throw HostRefusal.Invalid("repository must be named."), options.Value);
    }

    private async Task<bool> FetchAsync(GitRunner git, Repository repository, PrepareWorkspaceRequest request, CancellationToken cancellationToken)
    {
        if (checkouts.Has(Checkouts.KeyOf(repository, request)))
        {
            return false;
        }

        using var span = HostTelemetry.Source.StartActivity("fetch");
        span?.SetTag("vcs.ref.head.revision", request.Sha);
        return await mirrors.FetchAsync(git, repository, request, cancellationToken);
    }

    private async Task<bool> CheckOutAsync(GitRunner git, Repository repository, PrepareWorkspaceRequest request, CancellationToken cancellationToken)
    {
        using var span = HostTelemetry.Source.StartActivity("checkout");
        span?.SetTag("vcs.ref.head.revision", request.Sha);
        return await checkouts.EnsureAsync(git, repository, request, cancellationToken);
    }

    private Task<WorkspaceView> AttachAsync(
        InstanceId id, long generation, PrepareWorkspaceRequest asked, WorkspaceView view, string checkout, CancellationToken cancellationToken) =>
        instances.WithAsync(id, generation, async held =>
        {
            held.MustRun();
            if (Known(held, asked) is { } known)
            {
                return known;
            }

            if (checkout.Length > 0)
            {
                var mount = new CheckoutMount(checkouts.Tree(checkout), Path.Combine(mirrors.Root, Checkouts.MirrorOf(checkout), "objects"));
                await driver.AttachAsync(id, mount, CancellationToken.None);
            }

            held.Change(record => record with { Workspace = new PreparedWorkspace(asked, view, checkout) });
            return view;
        }, cancellationToken);

    private static WorkspaceView? Known(HeldInstance held, PrepareWorkspaceRequest asked) => held.Record.Workspace switch
    {
        null => null,
        { Request: var earlier, View: var view } when earlier == asked => view,
        _ => throw HostRefusal.Conflict(HostProblemCodes.WorkspaceInUse, "The instance's workspace is prepared with something else."),
    };
}
