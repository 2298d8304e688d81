using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running.Programs;

/// <summary>How a resource becomes a process of this machine.</summary>
internal interface IProgram
{
    /// <summary>Makes everything ready and says what to start; called at each start of each instance.</summary>
    /// <exception cref="DistributedApplicationException">It cannot be started; the message says what a person can do.</exception>
    Task<ProcessSpec> PrepareAsync(ProgramStart start, CancellationToken cancellationToken);
}

/// <summary>What a program needs to know about the instance that is being started.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="InstanceId">The instance.</param>
/// <param name="TargetPorts">The port on which this instance listens, by the name of the endpoint.</param>
/// <param name="Environment">Variables that the application sets.</param>
/// <param name="Arguments">Arguments that the application gives.</param>
/// <param name="Run">What all resources of the run share.</param>
/// <param name="Logger">The instance's console log.</param>
internal sealed record ProgramStart(
    IResource Resource,
    string InstanceId,
    IReadOnlyDictionary<string, int> TargetPorts,
    IReadOnlyDictionary<string, string> Environment,
    IReadOnlyList<string> Arguments,
    RunContext Run,
    ILogger Logger);

/// <summary>
/// Runs a container resource by a program of this machine instead; its endpoints belong to that program directly, without a proxy.
/// </summary>
internal sealed class ProgramAnnotation(IProgram program) : IResourceAnnotation
{
    public IProgram Program { get; } = program;
}
