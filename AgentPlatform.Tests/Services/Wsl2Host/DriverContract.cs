using System.Text;
using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>What every driver must do, run against each of them.</summary>
public abstract class DriverContract : IAsyncLifetime
{
    private protected static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private protected IInstanceDriver Driver { get; private set; } = null!;

    private protected InstanceId Instance { get; } = InstanceId.New(TimeProvider.System);

    /// <summary>A driver on the same directories as the one before: what a restarted host has.</summary>
    private protected abstract Task<IInstanceDriver> NewDriverAsync();

    /// <summary>Ends a driver as the death of its process does: nothing is tidied up.</summary>
    private protected abstract Task AbandonAsync(IInstanceDriver driver);

    private protected abstract Task CleanUpAsync(IInstanceDriver driver);

    /// <summary>Writes a text and exits.</summary>
    private protected abstract string[] Says(string text, int exitCode = 0);

    /// <summary>Writes to standard output and to standard error.</summary>
    private protected abstract string[] SaysBoth(string output, string error);

    /// <summary>Says <c>ready</c> and runs on until it is ended; asked to end, it says <c>bye</c> and exits with 3.</summary>
    private protected abstract string[] RunsUntilStopped();

    /// <summary>Says <c>ready</c>, runs on and does not end when it is asked to.</summary>
    private protected abstract string[] IgnoresRequestsToEnd();

    /// <summary>Writes its input to its output, and ends when the input does.</summary>
    private protected abstract string[] EchoesInput();

    /// <summary>Writes so many bytes of <c>a</c>, then <c>the end</c>.</summary>
    private protected abstract string[] SaysMuch(int bytes);

    private protected abstract string[] CannotStart();

    public async Task InitializeAsync()
    {
        Driver = await NewDriverAsync();
        await Driver.CreateAsync(new InstanceSpec(Instance, 512L << 20, 2000, 256, 64L << 20), CancellationToken.None);
    }

    public Task DisposeAsync() => CleanUpAsync(Driver);

    [Fact]
    public async Task ACommandRunsAndItsOutputAndExitCodeAreKnown()
    {
        var ended = await RunAsync(Command(Says("hello\n", exitCode: 7)));

        Assert.Equal(CommandEnd.Exited, ended.End);
        Assert.Equal(7, ended.ExitCode);
        Assert.NotNull(ended.EndedAt);
        Assert.Equal("hello\n", await AllOutputAsync(ended.Id));
    }

    [Fact]
    public async Task ARepeatedStartStartsNothing()
    {
        var command = Command(Says("once\n"));
        await RunAsync(command);

        var again = await Driver.StartAsync(Instance, command, CancellationToken.None);

        Assert.Equal(CommandEnd.Exited, again.End);
        Assert.Equal("once\n", await AllOutputAsync(command.Id));
        Assert.Single(Driver.Commands(Instance));
    }

    [Fact]
    public async Task StandardErrorIsAStreamOfItsOwnUnlessItIsMerged()
    {
        var apart = await RunAsync(Command(SaysBoth("out\n", "err\n")));
        Assert.Equal("out\n", await AllOutputAsync(apart.Id));
        Assert.Equal("err\n", await AllOutputAsync(apart.Id, OutputStream.StandardError));

        var merged = await RunAsync(Command(SaysBoth("out\n", "err\n")) with { MergeOutput = true });
        Assert.Equal("out\nerr\n", await AllOutputAsync(merged.Id));
        Assert.Equal("", await AllOutputAsync(merged.Id, OutputStream.StandardError));
    }

    [Fact]
    public async Task OutputIsReadFromAnyOffsetInPages()
    {
        var ended = await RunAsync(Command(Says("0123456789")));

        var page = await Driver.ReadAsync(Instance, ended.Id, OutputStream.StandardOutput, 4, 3, CancellationToken.None);

        Assert.Equal("456", Text(page));
        Assert.Equal(7, page.NextOffset);
        Assert.False(page.End);
        page = await Driver.ReadAsync(Instance, ended.Id, OutputStream.StandardOutput, 7, 100, CancellationToken.None);
        Assert.Equal("789", Text(page));
        Assert.True(page.End);
    }

    [Fact]
    public async Task OutputIsSeenWhileTheCommandRuns()
    {
        var command = Command(RunsUntilStopped());
        await Driver.StartAsync(Instance, command, CancellationToken.None);

        await UntilOutputAsync(command.Id, "ready\n");

        Assert.Null(Driver.Inspect(Instance, command.Id).End);
    }

    [Fact]
    public async Task WhatIsTooLongKeepsItsBeginningAndItsEndAndSaysSo()
    {
        const int Head = 8192;
        var ended = await RunAsync(Command(SaysMuch(200_000)) with { HeadBytesMax = Head, TailBytesMax = 4096 });

        var text = await AllOutputAsync(ended.Id);

        Assert.StartsWith(new string('a', Head) + "\n[output truncated", text, StringComparison.Ordinal);
        Assert.EndsWith("the end", text, StringComparison.Ordinal);
        Assert.InRange(text.Length, Head + 4096, Head + 4096 + 200);
        Assert.Equal(Encoding.UTF8.GetByteCount(text), ended.OutputBytes);
        Assert.True((await Driver.ReadAsync(Instance, ended.Id, OutputStream.StandardOutput, 0, 1, CancellationToken.None)).Truncated);
    }

    [Fact]
    public async Task AProgramThatIsNotThereIsNotStarted()
    {
        var ended = await RunAsync(Command(CannotStart()));

        Assert.Equal(CommandEnd.NotStarted, ended.End);
        Assert.Null(ended.ExitCode);
    }

    [Fact]
    public async Task InputIsCarriedOnceHoweverOftenItIsWritten()
    {
        var command = Command(EchoesInput()) with { Input = true };
        await Driver.StartAsync(Instance, command, CancellationToken.None);

        Assert.Equal(1, await WriteAsync(command.Id, 1, "first\n"));
        await UntilOutputAsync(command.Id, "first\n");
        Assert.Equal(1, await WriteAsync(command.Id, 1, "first\n"));
        Assert.Equal(2, await WriteAsync(command.Id, 2, "second\n"));
        Assert.Equal(2, await WriteAsync(command.Id, 1, "first\n"));
        Assert.Equal(3, await WriteAsync(command.Id, 3, "last\n", end: true));

        var ended = await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);
        Assert.Equal("first\nsecond\nlast\n", await AllOutputAsync(command.Id));
        Assert.Equal(0, ended.ExitCode);
        Assert.Equal(3, ended.InputNumber);
    }

    [Fact]
    public async Task AGapInTheInputIsRefusedAndTheNextNumberNamed()
    {
        var command = Command(EchoesInput()) with { Input = true };
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await WriteAsync(command.Id, 1, "first\n");

        var refusal = await Assert.ThrowsAsync<HostRefusal>(() => WriteAsync(command.Id, 3, "third\n"));

        Assert.Equal(HostProblemCodes.InputGap, refusal.Code);
        Assert.Equal(("expected", (object)2L), refusal.Extension);
    }

    [Fact]
    public async Task NothingIsWrittenAfterTheEndOfTheInput()
    {
        var command = Command(RunsUntilStopped()) with { Input = true };
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await WriteAsync(command.Id, 1, "", end: true);

        var refusal = await Assert.ThrowsAsync<HostRefusal>(() => WriteAsync(command.Id, 2, "late\n"));

        Assert.Equal(HostProblemCodes.InputClosed, refusal.Code);
    }

    [Fact]
    public async Task StoppingAsksFirst()
    {
        var command = Command(RunsUntilStopped());
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await UntilOutputAsync(command.Id, "ready\n");

        var ended = await Driver.StopAsync(Instance, command.Id, CommandEnd.Stopped, Patience, CancellationToken.None);

        Assert.Equal(CommandEnd.Stopped, ended.End);
        Assert.Equal(3, ended.ExitCode);
        Assert.Equal("ready\nbye\n", await AllOutputAsync(command.Id));
    }

    [Fact]
    public async Task StoppingEndsWhatDoesNotListen()
    {
        var command = Command(IgnoresRequestsToEnd());
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await UntilOutputAsync(command.Id, "ready\n");

        var ended = await Driver.StopAsync(Instance, command.Id, CommandEnd.TimedOut, TimeSpan.FromMilliseconds(50), CancellationToken.None);

        Assert.Equal(CommandEnd.TimedOut, ended.End);
        Assert.Equal("ready\n", await AllOutputAsync(command.Id));
    }

    [Fact]
    public async Task AnInterruptReachesTheCommand()
    {
        var command = Command(RunsUntilStopped());
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await UntilOutputAsync(command.Id, "ready\n");

        await Driver.SignalAsync(Instance, command.Id, CommandSignal.Interrupt, CancellationToken.None);

        var ended = await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);
        Assert.Equal((CommandEnd.Exited, 3), (ended.End, ended.ExitCode));
    }

    [Fact]
    public async Task AKillEndsTheCommandAtOnce()
    {
        var command = Command(IgnoresRequestsToEnd());
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await UntilOutputAsync(command.Id, "ready\n");

        await Driver.SignalAsync(Instance, command.Id, CommandSignal.Kill, CancellationToken.None);

        Assert.Equal(CommandEnd.Stopped, Driver.Inspect(Instance, command.Id).End);
    }

    [Fact]
    public async Task ADestroyedInstanceIsUnknownAndDestroyingItAgainIsFine()
    {
        var command = Command(RunsUntilStopped());
        await Driver.StartAsync(Instance, command, CancellationToken.None);

        await Driver.DestroyAsync(Instance, CancellationToken.None);
        await Driver.DestroyAsync(Instance, CancellationToken.None);

        Assert.Equal(404, Assert.Throws<HostRefusal>(() => Driver.Inspect(Instance, command.Id)).Status);
        Assert.Equal(404, (await Assert.ThrowsAsync<HostRefusal>(() => Driver.StartAsync(Instance, command, CancellationToken.None))).Status);
    }

    [Fact]
    public async Task ACommandGoesOnWhileTheHostIsAway()
    {
        var command = Command(RunsUntilStopped());
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        var offset = await UntilOutputAsync(command.Id, "ready\n");

        await RestartAsync();

        Assert.Null(Driver.Inspect(Instance, command.Id).End);
        Assert.Equal("ready\n"u8.Length, offset);
        Assert.Equal("ready\n", await AllOutputSoFarAsync(command.Id));
        var ended = await Driver.StopAsync(Instance, command.Id, CommandEnd.Stopped, Patience, CancellationToken.None);
        Assert.Equal(3, ended.ExitCode);
        var rest = await Driver.ReadAsync(Instance, command.Id, OutputStream.StandardOutput, offset, 100, CancellationToken.None);
        Assert.Equal("bye\n", Text(rest));
        Assert.True(rest.End);
    }

    [Fact]
    public async Task WhatEndedWhileTheHostWasAwayHasItsResult()
    {
        var command = Command(EchoesInput()) with { Input = true };
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await WriteAsync(command.Id, 1, "last words\n", end: true);

        await RestartAsync();

        var ended = await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);
        Assert.Equal((CommandEnd.Exited, 0), (ended.End, ended.ExitCode));
        Assert.Equal("last words\n", await AllOutputAsync(command.Id));
    }

    [Fact]
    public async Task InputGoesOnAfterARestartOfTheHost()
    {
        var command = Command(EchoesInput()) with { Input = true };
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await WriteAsync(command.Id, 1, "before\n");

        await RestartAsync();
        Assert.Equal(1, await WriteAsync(command.Id, 1, "before\n"));
        await WriteAsync(command.Id, 2, "after\n", end: true);

        await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);
        Assert.Equal("before\nafter\n", await AllOutputAsync(command.Id));
    }

    [Fact]
    public async Task ARepeatedStartAfterARestartOfTheHostStartsNothing()
    {
        var command = Command(RunsUntilStopped());
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        await UntilOutputAsync(command.Id, "ready\n");

        await RestartAsync();
        var again = await Driver.StartAsync(Instance, command, CancellationToken.None);

        Assert.Null(again.End);
        await Driver.StopAsync(Instance, command.Id, CommandEnd.Stopped, Patience, CancellationToken.None);
        Assert.Equal("ready\nbye\n", await AllOutputAsync(command.Id));
    }

    [Fact]
    public async Task ACommandIsKnownToAHostThatStartsInTheMomentAfterItsStart()
    {
        // Whatever it has come to by then, from being on its way to having ended.
        for (var moment = 0; moment < 12; moment++)
        {
            var command = Command(Says("once", exitCode: moment));
            await Driver.StartAsync(Instance, command, CancellationToken.None);
            await RestartAsync();

            var ended = await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);
            Assert.Equal((CommandEnd.Exited, moment), (ended.End, ended.ExitCode));
            Assert.Equal("once", await AllOutputAsync(command.Id));
        }
    }

    private protected async Task RestartAsync()
    {
        await AbandonAsync(Driver);
        Driver = await NewDriverAsync();
    }

    private protected static CommandSpec Command(params string[] argv) => new(
        CommandId.New(TimeProvider.System),
        "test",
        argv,
        InstancePaths.Workspace,
        new Dictionary<string, string> { ["PATH"] = "/usr/bin:/bin", ["HOME"] = InstancePaths.Home },
        new Dictionary<string, SecretText>(),
        Input: false,
        MergeOutput: false,
        1 << 20,
        64 << 10);

    private protected async Task<CommandStatus> RunAsync(CommandSpec command)
    {
        await Driver.StartAsync(Instance, command, CancellationToken.None);
        return await Driver.WaitAsync(Instance, command.Id, CancellationToken.None).WaitAsync(Patience);
    }

    private protected async Task<string> AllOutputAsync(CommandId command, OutputStream stream = OutputStream.StandardOutput)
    {
        var text = new StringBuilder();
        OutputPage page;
        var offset = 0L;
        do
        {
            page = await Driver.ReadAsync(Instance, command, stream, offset, 60_000, CancellationToken.None);
            Assert.True(page.End || page.Bytes.Length > 0, "the output of an ended command does not end");
            text.Append(Text(page));
            offset = page.NextOffset;
        }
        while (!page.End);

        return text.ToString();
    }

    private protected async Task<string> AllOutputSoFarAsync(CommandId command) =>
        Text(await Driver.ReadAsync(Instance, command, OutputStream.StandardOutput, 0, 1 << 20, CancellationToken.None));

    /// <summary>Follows the output until it holds a text.</summary>
    /// <returns>The offset behind what was read.</returns>
    private protected async Task<long> UntilOutputAsync(CommandId command, string expected)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var text = "";
        var offset = 0L;
        while (!text.Contains(expected, StringComparison.Ordinal))
        {
            await Driver.WaitForOutputAsync(Instance, command, OutputStream.StandardOutput, offset, deadline.Token);
            var page = await Driver.ReadAsync(Instance, command, OutputStream.StandardOutput, offset, 60_000, deadline.Token);
            Assert.False(page.End && page.Bytes.IsEmpty, $"ended without saying '{expected}': {text}");
            text += Text(page);
            offset = page.NextOffset;
        }

        return offset;
    }

    private protected Task<long> WriteAsync(CommandId command, long number, string text, bool end = false) =>
        Driver.WriteInputAsync(Instance, command, number, Encoding.UTF8.GetBytes(text), end, CancellationToken.None);

    private static string Text(OutputPage page) => Encoding.UTF8.GetString(page.Bytes.Span);
}
