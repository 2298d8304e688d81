using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Runs;
using Services.Scheduler.Runs;

namespace AgentPlatform.Tests.Services.Scheduler;

public sealed class RunMachineTests
{
    private const long Generation = 5;
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 12, 0, 0, TimeSpan.Zero);
    private static readonly HostId Host = new(Guid.CreateVersion7());
    private static readonly InstanceId Instance = new(Guid.CreateVersion7());

    private static readonly Dictionary<string, RunCommand> Commands = new()
    {
        ["hold"] = new RunCommand.Hold("a fork"),
        ["approve"] = new RunCommand.Approve("octocat"),
        ["admit"] = new RunCommand.Admit(),
        ["reassign"] = new RunCommand.Reassign("its worker is gone"),
        ["advance"] = new RunCommand.Advance(Generation, RunPhase.Fetching),
        ["place"] = new RunCommand.Place(Generation, Host, Instance),
        ["fault"] = new RunCommand.Fault(Generation, FaultCategory.Transient, "no answer", TimeSpan.FromSeconds(1)),
        ["end"] = new RunCommand.End(RunConclusion.Cancelled, "enough"),
        ["conclude"] = new RunCommand.Conclude(Generation, RunConclusion.Success, "all steps passed"),
    };

    // What each command makes of each phase: the phase it moves to, "same" where it has nothing to do, "no" where it is refused.
    private static readonly Dictionary<string, string[]> Table = new()
    {
        //              queued             awaiting_approval  admitted       provisioning   fetching       running        concluded
        ["hold"] = ["AwaitingApproval", "same", "no", "no", "no", "no", "no"],
        ["approve"] = ["same", "Queued", "same", "same", "same", "same", "no"],
        ["admit"] = ["Admitted", "no", "same", "same", "same", "same", "no"],
        ["reassign"] = ["no", "no", "Admitted", "Provisioning", "Fetching", "Running", "no"],
        ["advance"] = ["no", "no", "Fetching", "Fetching", "same", "same", "no"],
        ["place"] = ["no", "no", "Provisioning", "Provisioning", "Provisioning", "Provisioning", "no"],
        ["fault"] = ["no", "no", "Queued", "Queued", "Queued", "Queued", "no"],
        ["end"] = ["Concluded", "Concluded", "Admitted", "Provisioning", "Fetching", "Running", "same"],
        ["conclude"] = ["no", "no", "Concluded", "Concluded", "Concluded", "Concluded", "same"],
    };

    public static TheoryData<string, RunPhase, string> Cells()
    {
        var cells = new TheoryData<string, RunPhase, string>();
        foreach (var (command, row) in Table)
        {
            foreach (var phase in Enum.GetValues<RunPhase>())
            {
                cells.Add(command, phase, row[(int)phase]);
            }
        }

        return cells;
    }

    [Fact]
    public void TheTableNamesEveryCommand() =>
        Assert.Equal(typeof(RunCommand).GetNestedTypes().Length, Table.Count);

    [Theory]
    [MemberData(nameof(Cells))]
    public void EveryCommandIsDecidedInEveryPhase(string command, RunPhase phase, string expected)
    {
        var state = In(phase);

        var transition = RunMachine.Apply(state, Commands[command], Now);

        switch (expected)
        {
            case "no":
                Assert.NotEmpty(Assert.IsType<RunTransition.Rejected>(transition).Reason);
                break;
            case "same":
                Assert.Equal(state, Assert.IsType<RunTransition.Unchanged>(transition).State);
                break;
            default:
                var moved = Assert.IsType<RunTransition.Moved>(transition);
                Assert.Equal(expected, moved.State.Phase.ToString());
                Assert.Equal(moved.State.Phase == RunPhase.Concluded, moved.State.Conclusion is not null);
                break;
        }
    }

    [Theory]
    [InlineData("hold", RunPhase.Queued)]
    [InlineData("approve", RunPhase.AwaitingApproval)]
    [InlineData("admit", RunPhase.Queued)]
    [InlineData("advance", RunPhase.Admitted)]
    [InlineData("place", RunPhase.Running)]
    [InlineData("end", RunPhase.Queued)]
    [InlineData("end", RunPhase.Running)]
    [InlineData("conclude", RunPhase.Running)]
    public void AReplayChangesNothing(string command, RunPhase phase)
    {
        var once = Assert.IsType<RunTransition.Moved>(RunMachine.Apply(In(phase), Commands[command], Now));

        Assert.Equal(once.State, Assert.IsType<RunTransition.Unchanged>(RunMachine.Apply(once.State, Commands[command], Now)).State);
    }

    [Theory]
    [InlineData("advance")]
    [InlineData("place")]
    [InlineData("fault")]
    [InlineData("conclude")]
    public void AWorkerOfAnOlderGenerationIsRefusedInEveryPhase(string command) => Assert.All(
        Enum.GetValues<RunPhase>(),
        phase => Assert.IsType<RunTransition.Rejected>(RunMachine.Apply(In(phase) with { Generation = Generation + 1 }, Commands[command], Now)));

    [Fact]
    public void AFaultIsTriedAgainThreeTimesAndThenGivenUp()
    {
        var state = In(RunPhase.Running);
        for (var faults = 1; faults <= RunMachine.FaultsMax; faults++)
        {
            state = Assert.IsType<RunTransition.Moved>(RunMachine.Apply(state, Commands["fault"], Now)).State;
            Assert.Equal((RunPhase.Queued, faults, Now.AddSeconds(1)), (state.Phase, state.Faults, state.NotBefore));
            Assert.IsType<RunTransition.Rejected>(RunMachine.Apply(state, Commands["admit"], Now));
            state = state with { Phase = RunPhase.Running, NotBefore = null };
        }

        state = Assert.IsType<RunTransition.Moved>(RunMachine.Apply(state, Commands["fault"], Now)).State;
        Assert.Equal((RunPhase.Concluded, RunConclusion.Neutral), (state.Phase, state.Conclusion));
    }

    [Theory]
    [InlineData(FaultCategory.Permanent, RunConclusion.Neutral)]
    [InlineData(FaultCategory.Configuration, RunConclusion.Neutral)]
    [InlineData(FaultCategory.Resource, RunConclusion.Failure)]
    public void AFaultThatCannotPassIsNotTriedAgain(FaultCategory category, RunConclusion conclusion)
    {
        var fault = new RunCommand.Fault(Generation, category, "no", TimeSpan.FromSeconds(1));

        Assert.Equal(conclusion, Assert.IsType<RunTransition.Moved>(RunMachine.Apply(In(RunPhase.Running), fault, Now)).State.Conclusion);
    }

    [Fact]
    public void WhatWasAskedForStandsOverWhatTheWorkerFound()
    {
        var ending = Assert.IsType<RunTransition.Moved>(RunMachine.Apply(In(RunPhase.Running), Commands["end"], Now)).State;

        Assert.Equal(RunConclusion.Cancelled, Assert.IsType<RunTransition.Moved>(RunMachine.Apply(ending, Commands["conclude"], Now)).State.Conclusion);
        Assert.Equal(RunConclusion.Cancelled, Assert.IsType<RunTransition.Moved>(RunMachine.Apply(ending, Commands["fault"], Now)).State.Conclusion);
    }

    private static RunState In(RunPhase phase) =>
        new(phase, phase == RunPhase.Concluded ? RunConclusion.Success : null, Generation, Faults: 0, Ending: null, NotBefore: null);
}
