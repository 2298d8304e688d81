using AgentPlatform.Contracts;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Drivers;

/// <summary>Something that this host will not or cannot do, with the answer that its caller gets.</summary>
/// <param name="status">The HTTP status.</param>
/// <param name="code">The stable name, of <see cref="HostProblemCodes"/> or <see cref="ProblemCodes"/>.</param>
/// <param name="message">For people. It goes over the wire: no secret, no path of this machine.</param>
/// <param name="cause">What led to it; for the log only.</param>
internal sealed class HostRefusal(int status, string code, string message, Exception? cause = null) : Exception(message, cause)
{
    /// <summary>The HTTP status.</summary>
    public int Status { get; } = status;

    /// <summary>The stable name.</summary>
    public string Code { get; } = code;

    /// <summary>A value beside the code, such as which number was expected.</summary>
    public (string Name, object Value)? Extension { get; init; }

    public static HostRefusal NoSuchInstance(InstanceId id) => new(StatusCodes.Status404NotFound, ProblemCodes.NotFound, $"There is no instance {id} here.");

    public static HostRefusal NoSuchCommand(CommandId id) => new(StatusCodes.Status404NotFound, ProblemCodes.NotFound, $"There is no command {id} in this instance.");

    public static HostRefusal NoSuchWorkspace(InstanceId id) => new(StatusCodes.Status404NotFound, ProblemCodes.NotFound, $"Instance {id} has no workspace.");

    public static HostRefusal Invalid(string message) => new(StatusCodes.Status400BadRequest, ProblemCodes.InvalidRequest, message);

    public static HostRefusal Conflict(string code, string message) => new(StatusCodes.Status409Conflict, code, message);

    public static HostRefusal StartFailed(string message, Exception? cause = null) =>
        new(StatusCodes.Status500InternalServerError, HostProblemCodes.StartFailed, message, cause);

    public static HostRefusal InputGap(long expected) =>
        new(StatusCodes.Status409Conflict, HostProblemCodes.InputGap, $"The next input is number {expected}.") { Extension = ("expected", expected) };
}
