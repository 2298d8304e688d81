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

    /// <summary>Stopped by Ctrl-C. The run goes on.</summary>
    public const int Interrupted = 130;
}
