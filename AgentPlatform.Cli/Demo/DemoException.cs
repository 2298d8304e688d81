namespace AgentPlatform.Cli.Demo;

/// <summary>Why the demo cannot go on.</summary>
/// <param name="message">One line for people.</param>
/// <param name="code">One of <see cref="ExitCodes"/>.</param>
internal sealed class DemoException(string message, int code) : Exception(message)
{
    public int Code { get; } = code;
}
