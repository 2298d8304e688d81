using AgentPlatform.Cli;
using AgentPlatform.Cli.Following;

namespace AgentPlatform.Tests.Cli;

/// <summary>What agentctl says to a command line that it cannot carry out: one line beside the output, and an exit code.</summary>
public sealed class UsageTests
{
    private const string Nobody = "http://127.0.0.1:9";

    [Theory]
    [InlineData("run", "--pr", "agentctl run --help")]
    [InlineData("run acme/api", "--pr", "agentctl run --help")]
    [InlineData("run acme/api --pr x", "whole number", "agentctl run --help")]
    [InlineData("run acme/api --pr 1 --idempotency-key ü", "visible ASCII", "agentctl run --help")]
    [InlineData("runs --limit x", "whole number", "agentctl runs --help")]
    [InlineData("runs --pr x", "whole number", "agentctl runs --help")]
    [InlineData("runs --format yaml", "text or json", "agentctl runs --help")]
    [InlineData("runs --format 1", "text or json", "agentctl runs --help")]
    [InlineData("runs show", "run", "agentctl runs show --help")]
    [InlineData("runs cancel run_1", "32 hexadecimal digits", "agentctl runs cancel --help")]
    [InlineData("runs bogus", "bogus", "agentctl runs --help")]
    [InlineData("follow run_x", "32 hexadecimal digits", "agentctl follow --help")]
    [InlineData("logs", "logs", "agentctl logs --help")]
    [InlineData("hosts hst_x", "32 hexadecimal digits", "agentctl hosts --help")]
    [InlineData("demo --timeout 0", "3600", "agentctl demo --help")]
    [InlineData("bogus", "bogus", "agentctl --help")]
    public async Task AWrongCommandLineIsOneLineAndNothingOnStandardOutput(string line, string said, string help)
    {
        var result = await AgentCtl.RunAsync(line.Split(' '));

        Assert.Equal((ExitCodes.Usage, string.Empty), (result.ExitCode, result.Output));
        Assert.Contains(said, result.Errors, StringComparison.Ordinal);
        Assert.EndsWith($"See {help}.", Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.DoesNotContain("System.", result.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a\nb")]
    [InlineData("")]
    public async Task AKeyThatNoHeaderCanHoldIsRefusedBeforeAnythingIsSent(string key)
    {
        var result = await AgentCtl.RunAsync("run", "acme/api", "--pr", "1", "--server", Nobody, "--idempotency-key", key);

        Assert.Equal(ExitCodes.Usage, result.ExitCode);
        Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("status")]
    [InlineData("runs")]
    [InlineData("runs show run_00000000000070008000000000000001")]
    [InlineData("runs cancel run_00000000000070008000000000000001")]
    [InlineData("runs rerun run_00000000000070008000000000000001")]
    [InlineData("runs approve run_00000000000070008000000000000001")]
    [InlineData("runs statistics")]
    [InlineData("logs run_00000000000070008000000000000001")]
    [InlineData("follow run_00000000000070008000000000000001")]
    [InlineData("hosts")]
    public async Task APlatformThatIsNotThereIsOneLine(string line)
    {
        var result = await AgentCtl.RunAsync([.. line.Split(' '), "--server", Nobody]);

        Assert.Equal((ExitCodes.Unreachable, string.Empty), (result.ExitCode, result.Output));
        Assert.Single(result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }

    [Fact]
    public async Task WhoSaysNothingIsToldWhatCanBeSaid()
    {
        var nothing = await AgentCtl.RunAsync();
        var help = await AgentCtl.RunAsync("--help");

        Assert.Equal((ExitCodes.Usage, ExitCodes.Success), (nothing.ExitCode, help.ExitCode));
        Assert.Equal(help.Output, nothing.Output);
        Assert.Contains("logs", help.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatACommandPrintedDoesNotSteerTheTerminal() =>
        Assert.Equal("one]0;owned\n[2Jtwo  x\n", TerminalText.Lines("one\u001b]0;owned\u0007\r\n\u001b[2Jtwo\tx\u009b\n"));
}
