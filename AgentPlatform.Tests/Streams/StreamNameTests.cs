using AgentPlatform.Streams;

namespace AgentPlatform.Tests.Streams;

public sealed class StreamNameTests
{
    [Fact]
    public void EveryKeyOfAStreamStandsUnderItsEnvironment()
    {
        var stream = StreamName.Create("testing", "intake");

        Assert.Equal("ap:testing:intake:v1", stream.Key);
        Assert.Equal("ap:testing:intake:dead:v1", stream.DeadLetterKey);
        Assert.Equal("ap:testing:intake:nudge:v1", stream.NudgeChannel);
    }

    [Theory]
    [InlineData("", "intake")]
    [InlineData("Production", "intake")]
    [InlineData("a:b", "intake")]
    [InlineData("testing", "")]
    [InlineData("testing", "in:take")]
    [InlineData("testing", "Intake")]
    [InlineData("testing", ".intake")]
    [InlineData("testing", "in take")]
    [InlineData("testing", "in*")]
    public void ANameThatCouldReachAnotherKeyIsRefused(string environment, string name) =>
        Assert.Throws<ArgumentException>(() => StreamName.Create(environment, name));

    [Fact]
    public void ANameThatWasNeverMadeHasNoKey() => Assert.Throws<InvalidOperationException>(() => default(StreamName).Key);
}
