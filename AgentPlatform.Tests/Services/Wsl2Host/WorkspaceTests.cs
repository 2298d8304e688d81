using System.Net;
using System.Net.Http.Json;
using AgentPlatform.Contracts.Hosts;
using AgentPlatform.ServiceDefaults.HostCalls;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>A commit comes into an instance.</summary>
public sealed class WorkspaceTests : WorkspaceTestBase
{
    [Fact]
    public async Task AHeadIsFetchedCheckedOutAndDescribed()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt; git mv src/b.txt src/c.txt; head -c 100 /dev/zero > image.bin; rm build.sh; ln -s src link");

        var (instance, view) = await PreparedAsync(head);

        Assert.Equal((head, Base, Base), (view.Sha, view.BaseSha, view.MergeBaseSha));
        Assert.True(view.Fetched && view.CheckedOut);
        Assert.False(view.ChangedFilesTruncated);
        Assert.Equal(
            [
                new ChangedFile("build.sh", null, FileChange.Deleted, 0, 2),
                new ChangedFile("image.bin", null, FileChange.Added, null, null),
                new ChangedFile("link", null, FileChange.Added, 1, 0),
                new ChangedFile("src/a.txt", null, FileChange.Modified, 1, 0),
                new ChangedFile("src/c.txt", "src/b.txt", FileChange.Renamed, 0, 0),
            ],
            view.ChangedFiles.OrderBy(file => file.Path, StringComparer.Ordinal));
        Assert.Equal("one\ntwo\n", await ShellAsync(instance, "cat src/a.txt"));
        Assert.Equal($"{head}\n2\n", await ShellAsync(instance, "git rev-parse HEAD; git log --oneline | wc -l; git status --porcelain"));
        var diff = await Node.Http.GetFromJsonAsync(HostRoutes.WorkspaceDiff(instance), HostsJsonContext.Default.WorkspaceDiff);
        Assert.Contains("+two", diff!.Patch, StringComparison.Ordinal);
        Assert.Contains("rename from src/b.txt", diff.Patch, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheDiffIsAgainstWhereTheyPartedNotAgainstWhatBaseBecame()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt");
        var later = Repository.Commit("refs/heads/main", Base, "echo other > other.txt");
        var instance = await NewInstanceAsync();

        var view = await Node.Client.PrepareWorkspaceAsync(instance, Request(head) with { BaseSha = later }, CancellationToken.None);

        Assert.Equal(Base, view.MergeBaseSha);
        Assert.Equal("src/a.txt", Assert.Single(view.ChangedFiles).Path);
    }

    [Fact]
    public async Task WhatIsThereIsNotFetchedOrCheckedOutAgain()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt");
        await PreparedAsync(head);
        var asked = Server.Requests.Count;

        var (instance, view) = await PreparedAsync(head);

        Assert.False(view.Fetched || view.CheckedOut);
        Assert.Equal(asked, Server.Requests.Count);
        Assert.Equal("one\ntwo\n", await ShellAsync(instance, "cat src/a.txt"));
    }

    [Fact]
    public async Task InstancesThatShareACheckoutDoNotSeeEachOthersChanges()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt");
        var (first, _) = await PreparedAsync(head);
        var (second, _) = await PreparedAsync(head);

        await ShellAsync(first, "echo mine > src/a.txt; rm build.sh; git commit -qam mine");

        Assert.Equal("one\ntwo\n/workspace/build.sh\n", await ShellAsync(second, "cat src/a.txt; ls $PWD/build.sh"));
        Assert.Equal("mine\n", await ShellAsync(first, "cat src/a.txt"));
    }

    [Fact]
    public async Task ARepeatedRequestIsAnsweredAlikeAndAnotherCommitIsRefused()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt");
        var (instance, view) = await PreparedAsync(head);
        await RestartAsync();

        var again = await Node.Client.PrepareWorkspaceAsync(instance, Request(head), CancellationToken.None);
        var other = await Assert.ThrowsAsync<HostCallException>(() => Node.Client.PrepareWorkspaceAsync(instance, Request(Base, "refs/heads/main"), CancellationToken.None));

        Assert.Equal(view.FetchMilliseconds, again.FetchMilliseconds);
        Assert.Equal(HostProblemCodes.WorkspaceInUse, other.Code);
        Assert.Equal("one\ntwo\n", await ShellAsync(instance, "cat src/a.txt"));
        Assert.Equal(head, (await Node.Client.GetInstanceAsync(instance, CancellationToken.None)).Workspace!.Sha);
    }

    [Fact]
    public async Task AHeadThatMovedIsRefusedAndTheNewOneNamed()
    {
        var old = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt");
        var moved = Repository.Commit("refs/pull/1/head", Base, "echo three >> src/a.txt");

        Assert.Equal(HostProblemCodes.HeadMoved, await RefusedAsync(Request(old)));
        Assert.True((await PreparedAsync(moved)).View.Fetched);
    }

    [Fact]
    public async Task WhatIsNotThereHasItsOwnAnswer()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt");

        Assert.Equal(HostProblemCodes.CommitNotFound, await RefusedAsync(Request(head, "refs/pull/2/head")));
        Assert.Equal(HostProblemCodes.CommitNotFound, await RefusedAsync(Request(new string('a', 40), reference: null)));
        Assert.Equal(HostProblemCodes.FetchRefused, await RefusedAsync(Request(head) with { Repository = new RepositorySource(Forge, 43, "octo/missing") }));
        Assert.Equal(HostProblemCodes.FetchRefused, await RefusedAsync(Request(head) with { Token = new SecretText("wrong") }));
        Assert.Equal(HostProblemCodes.FetchRefused, await RefusedAsync(Request(head) with { Token = null }));
        Assert.Equal(HostProblemCodes.UnknownForge, await RefusedAsync(Request(head) with { Repository = new RepositorySource("elsewhere.test", 42, "octo/project") }));
    }

    [Fact]
    public async Task AForgeThatDoesNotAnswerIsWorthAnotherTry()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt");
        Server.Before = context =>
        {
            context.Response.StatusCode = 503;
            return Task.CompletedTask;
        };
        Assert.Equal(HostProblemCodes.FetchFailed, await RefusedAsync(Request(head)));

        Server.Before = _ => Task.CompletedTask;
        Assert.True((await PreparedAsync(head)).View.Fetched);
    }

    [Fact]
    public async Task ALeaseIsRenewedWhileAFetchTakesItsTime()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt");
        var asked = new TaskCompletionSource();
        var answer = new TaskCompletionSource();
        Server.Before = async _ =>
        {
            asked.TrySetResult();
            await answer.Task;
        };
        var instance = await NewInstanceAsync();
        var preparing = Node.Client.PrepareWorkspaceAsync(instance, Request(head), CancellationToken.None);
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));

        await Node.Client.RenewLeaseAsync(instance, new RenewLeaseRequest(1, 120), CancellationToken.None);

        Assert.False(preparing.IsCompleted);
        answer.SetResult();
        Assert.Equal(head, (await preparing).Sha);
    }

    [Fact]
    public async Task ACheckoutThatIsTooLargeIsRefused()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "for i in 1 2 3 4 5 6 7 8; do echo $i > f$i; done");
        await RestartAsync(("Wsl2Host:RepositoryFilesMax", "5"));

        Assert.Equal(HostProblemCodes.RepositoryTooLarge, await RefusedAsync(Request(head)));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Host.Directories.Checkouts));
    }

    [Fact]
    public async Task WhatWasUsedLongestAgoMakesRoomAndWhatIsInUseStays()
    {
        var heads = Enumerable.Range(1, 3).Select(number => Repository.Commit($"refs/pull/{number}/head", Base, $"echo {number} > n")).ToList();
        await RestartAsync(("Wsl2Host:CheckoutsMax", "1"));
        var (used, _) = await PreparedAsync(heads[0], "refs/pull/1/head");
        foreach (var number in (int[])[2, 3])
        {
            var (instance, _) = await PreparedAsync(heads[number - 1], $"refs/pull/{number}/head");
            await Node.Client.DestroyInstanceAsync(instance, 1, CancellationToken.None);
        }

        Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions.GetRequiredService<global::Services.Wsl2Host.Workspaces.WorkspaceMaker>(Node.Services).Evict();

        Assert.Equal(2, Directory.EnumerateDirectories(Host.Directories.Checkouts).Count());
        Assert.Equal("1\n", await ShellAsync(used, "cat n"));
        Assert.False((await PreparedAsync(heads[2], "refs/pull/3/head")).View.CheckedOut);
        Assert.True((await PreparedAsync(heads[1], "refs/pull/2/head")).View.CheckedOut);
    }

    [Theory]
    [InlineData("regular", HttpStatusCode.OK)]
    [InlineData("src/a.txt", HttpStatusCode.OK)]
    [InlineData("link", HttpStatusCode.NotFound)]
    [InlineData("linked/passwd", HttpStatusCode.NotFound)]
    [InlineData("inside", HttpStatusCode.NotFound)]
    [InlineData("fifo", HttpStatusCode.NotFound)]
    [InlineData("src", HttpStatusCode.NotFound)]
    [InlineData("missing", HttpStatusCode.NotFound)]
    [InlineData("../driver.json", HttpStatusCode.NotFound)]
    [InlineData("src/../../instance.json", HttpStatusCode.NotFound)]
    [InlineData("/etc/passwd", HttpStatusCode.BadRequest)]
    [InlineData("large", HttpStatusCode.RequestEntityTooLarge)]
    public async Task OnlyRegularFilesOfTheWorkspaceAreRead(string path, HttpStatusCode expected)
    {
        var (instance, _) = await PreparedAsync(Base, "refs/heads/main");
        await ShellAsync(instance, "echo text > regular; ln -s /etc/passwd link; ln -s /etc linked; ln -s regular inside; mkfifo fifo; head -c 5000000 /dev/zero > large");

        using var answer = await Node.Http.GetAsync($"{HostRoutes.WorkspaceFile(instance)}?path={Uri.EscapeDataString(path)}");

        Assert.Equal(expected, answer.StatusCode);
    }
}
