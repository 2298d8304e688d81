using System.Collections.Concurrent;
using Aspire.Hosting.Running.Processes;

namespace AgentPlatform.Tests.StandIns.Running;

public sealed class LifelineTests : IAsyncLifetime
{
    private static readonly Dictionary<string, string> Variables = new() { ["PATH"] = Environment.GetEnvironmentVariable("PATH")! };

    private readonly Lifeline _lifeline = new(TimeProvider.System);
    private readonly ConcurrentQueue<(string Text, bool IsError)> _lines = new();

    [Fact]
    public async Task AProgramGetsItsInputDirectoryAndEnvironmentAndItsOutputIsRead()
    {
        var process = Start("cat; pwd; echo \"$NAME\"; echo bad >&2; exit 3", new() { ["NAME"] = "välue" }, "from stdin\n");

        Assert.Equal(3, await process.Exited.WaitAsync(TestApp.Patience));

        Assert.Equal(["from stdin", "/tmp", "välue"], _lines.Where(line => !line.IsError).Select(line => line.Text));
        Assert.Equal(["bad"], _lines.Where(line => line.IsError).Select(line => line.Text));
    }

    [Fact]
    public async Task AProgramThatEndsInTimeIsNotKilled()
    {
        var process = Start("trap 'echo ending; exit 5' TERM; echo up; while :; do sleep 0.05; done");
        await ProcessTree.UntilAsync(() => !_lines.IsEmpty, () => "up", CancellationToken.None);

        Assert.True(await process.StopAsync(TestApp.Patience, TimeProvider.System));

        Assert.Equal(5, await process.Exited);
        Assert.Contains(("ending", false), _lines);
    }

    [Fact]
    public async Task AProgramThatDoesNotEndIsKilledWithItsWholeGroup()
    {
        var process = Start("trap '' TERM; sleep 3600 & echo up; wait");
        await ProcessTree.UntilAsync(() => !_lines.IsEmpty, () => "up", CancellationToken.None);
        var family = ProcessTree.Below(Environment.ProcessId).Where(entry => entry.Id == process.Id || entry.ParentId == process.Id).ToList();
        Assert.Equal(2, family.Count);

        Assert.False(await process.StopAsync(TimeSpan.FromMilliseconds(200), TimeProvider.System));

        Assert.Equal(137, await process.Exited);
        Assert.Empty(ProcessTree.Living(family));
    }

    [Fact]
    public async Task WhatAProgramLeavesBehindEndsWithIt()
    {
        var process = Start("sleep 3600 & echo $!");

        await process.Gone.WaitAsync(TestApp.Patience);

        var leftover = int.Parse(Assert.Single(_lines).Text, System.Globalization.CultureInfo.InvariantCulture);
        Assert.DoesNotContain(ProcessTree.All(), entry => entry.Id == leftover && entry.State != "Z");
    }

    [Fact]
    public async Task ASessionOfItsOwnEndsWithTheLifelineAndSoDoesATemporaryDirectory()
    {
        var directory = _lifeline.CreateTemporaryDirectory("ap-lifeline-");
        var process = Start("setsid sleep 3600 & echo up; exec sleep 3600");
        await ProcessTree.UntilAsync(() => !_lines.IsEmpty, () => "up", CancellationToken.None);
        var stray = ProcessTree.Below(process.Id);
        await process.StopAsync(TestApp.Patience, TimeProvider.System);

        await _lifeline.DisposeAsync();

        Assert.Single(stray);
        Assert.Empty(ProcessTree.Living(stray));
        Assert.False(Directory.Exists(directory));
    }

    [Fact]
    public async Task TheGuardianKillsWhatDoesNotEndWhenItIsAsked()
    {
        var process = Start("trap '' TERM; echo up; while :; do sleep 0.05; done");
        await ProcessTree.UntilAsync(() => !_lines.IsEmpty, () => "up", CancellationToken.None);

        await _lifeline.DisposeAsync();

        Assert.Equal(137, await process.Exited.WaitAsync(TestApp.Patience));
    }

    [Theory]
    [InlineData("/no/such/program", "/tmp")]
    [InlineData("/bin/sh", "/no/such/directory")]
    public void AProgramThatCannotBeStartedIsNamed(string program, string directory)
    {
        var spec = new ProcessSpec(program, [], Variables, directory);

        var error = Assert.Throws<ProcessStartException>(() => _lifeline.Start(spec, (_, _) => { }));

        Assert.Contains(program, error.Message, StringComparison.Ordinal);
        Assert.Contains(directory, error.Message, StringComparison.Ordinal);
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _lifeline.DisposeAsync();

    private ChildProcess Start(string script, Dictionary<string, string>? variables = null, string? input = null)
    {
        var environment = Variables.Concat(variables ?? []).ToDictionary();
        var spec = new ProcessSpec("/bin/sh", ["-c", script], environment, "/tmp") { Input = input };
        return _lifeline.Start(spec, (line, isError) => _lines.Enqueue((line, isError)));
    }
}
