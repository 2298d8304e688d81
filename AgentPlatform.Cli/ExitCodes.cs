using AgentPlatform.Contracts.Runs;

namespace AgentPlatform.Cli;

/// <summary>How agentctl ends. Scripts branch on these numbers: none is ever changed or reused.</summary>
internal static class ExitCodes
{
    /// <summary>Done; a followed run succeeded.</summary>
    public const int Success = 0;

    /// <summary>A followed run ended otherwise than well.</summary>
    public const int RunFailed = 1;

    /// <summary>The command line is wrong, or the platform cannot understand what was asked.</summary>
    public const int Usage = 2;

    /// <summary>There is no such run, repository or pull request.</summary>
    public const int NotFound = 3;

    /// <summary>The platform cannot be reached, or is not able to answer.</summary>
    public const int Unreachable = 4;

    /// <summary>The platform refused: not allowed, or not in this state.</summary>
    public const int Refused = 5;

    /// <summary>What was waited for did not come in time.</summary>
    public const int TimedOut = 6;

    /// <summary>The platform answers, but a part of it is not able to do its work.</summary>
    public const int NotReady = 7;

    /// <summary>Stopped by Ctrl-C. The run goes on.</summary>
    public const int Interrupted = 130;

    /// <summary>How a command ends that followed a run.</summary>
    public static int Of(RunConclusion? conclusion) => conclusion is RunConclusion.Success or RunConclusion.Skipped ? Success : RunFailed;
}
