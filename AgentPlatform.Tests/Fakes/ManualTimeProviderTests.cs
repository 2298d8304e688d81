namespace AgentPlatform.Tests.Fakes;

public sealed class ManualTimeProviderTests
{
    [Fact]
    public void TimersRunInTheOrderInWhichTheyFallDue()
    {
        var clock = new ManualTimeProvider();
        List<string> fired = [];
        using var late = clock.CreateTimer(_ => fired.Add("late"), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using var early = clock.CreateTimer(_ => fired.Add("early"), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        clock.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(["early", "early", "late", "early"], fired);
    }

    [Fact]
    public void ElapsedTimeIsWhatTheClockWasMovedBy()
    {
        var clock = new ManualTimeProvider();
        var before = clock.GetTimestamp();

        clock.Advance(TimeSpan.FromMilliseconds(1234));

        Assert.Equal(1234, clock.GetElapsedTime(before).TotalMilliseconds, 0.001);
        Assert.NotEqual(TimeSpan.TicksPerSecond, clock.TimestampFrequency);
    }

    [Fact]
    public async Task ADelayEndsWhenItsTimeHasCome()
    {
        var clock = new ManualTimeProvider();
        var delay = Task.Delay(TimeSpan.FromMinutes(5), clock);
        await clock.WaitForTimerAsync(due => due == TimeSpan.FromMinutes(5));

        clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromTicks(1));
        Assert.False(delay.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));

        await delay.WaitAsync(TimeSpan.FromSeconds(20));
    }
}
