using Aspire.Hosting.Running.Health;
using Aspire.Hosting.Running.Logs;
using Aspire.Hosting.Running.Processes;

namespace AgentPlatform.Tests.StandIns.Running;

public sealed class ConsoleLogTests
{
    [Fact]
    public void TheOldestLinesAreDroppedAtTheLimitOfLines()
    {
        var log = new ConsoleLog(TimeProvider.System);
        for (var i = 1; i <= ConsoleLog.LinesMax + 5; i++)
        {
            log.Append($"line {i}", isError: false);
        }

        var kept = log.Tail(int.MaxValue);

        Assert.Equal(ConsoleLog.LinesMax, kept.Count);
        Assert.Equal((6, "line 6"), (kept[0].Number, kept[0].Text));
    }

    [Fact]
    public void TheOldestLinesAreDroppedAtTheLimitOfCharacters()
    {
        var log = new ConsoleLog(TimeProvider.System);
        var line = new string('x', ConsoleLog.CharactersMax / 4);
        for (var i = 0; i < 9; i++)
        {
            log.Append(line, isError: false);
        }

        Assert.Equal([6, 7, 8, 9], log.Tail(int.MaxValue).Select(kept => kept.Number));
    }

    [Fact]
    public async Task AReaderSeesWhatIsKeptAndWhatFollows()
    {
        using var deadline = new CancellationTokenSource(TestApp.Patience);
        var log = new ConsoleLog(TimeProvider.System);
        log.Append("before", isError: false);
        var seen = new List<string>();

        await foreach (var batch in log.ReadAsync(follow: true, deadline.Token))
        {
            seen.AddRange(batch.Select(line => line.Text));
            if (seen.Count == 2)
            {
                break;
            }

            log.Append("after", isError: true);
        }

        Assert.Equal(["before", "after"], seen);
    }

    [Theory]
    [InlineData("one\ntwo\r\n\nthree", new[] { "one", "two", "", "three" })]
    [InlineData("", new string[0])]
    [InlineData("ends\n", new[] { "ends" })]
    public void OutputIsSplitIntoLines(string text, string[] expected)
    {
        var lines = new List<string>();

        OutputPump.ReadLines(new StringReader(text), lines.Add);

        Assert.Equal(expected, lines);
    }

    [Fact]
    public void AnEndlessLineComesInPieces()
    {
        var lines = new List<string>();

        OutputPump.ReadLines(new StringReader(new string('x', (2 * OutputPump.LineLengthMax) + 1)), lines.Add);

        Assert.Equal([OutputPump.LineLengthMax, OutputPump.LineLengthMax, 1], lines.Select(line => line.Length));
    }

    [Fact]
    public void HealthIsAskedForOftenUntilItWasGoodOnceAndThenAtAspiresPace()
    {
        var schedule = new HealthSchedule();

        Assert.Equal(TimeSpan.FromMilliseconds(100), schedule.Next(healthy: false));
        Assert.True(Enumerable.Range(0, 9).Sum(_ => schedule.Next(healthy: false).TotalSeconds) < 9);
        Assert.Equal(TimeSpan.FromSeconds(30), schedule.Next(healthy: true));
        Assert.Equal([1, 2, 3, 4, 5, 5], Enumerable.Range(0, 6).Select(_ => schedule.Next(healthy: false).TotalSeconds));
    }
}
