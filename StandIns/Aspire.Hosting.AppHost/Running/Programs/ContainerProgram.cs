using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Processes;

namespace Aspire.Hosting.Running.Programs;

/// <summary>What the stand-in does with a container for which this machine has no program of its own: say so.</summary>
internal sealed class ContainerProgram(ContainerResource resource) : IProgram
{
    /// <inheritdoc/>
    public Task<ProcessSpec> PrepareAsync(ProgramStart start, CancellationToken cancellationToken)
    {
        var image = resource.Annotations.OfType<ContainerImageAnnotation>().LastOrDefault();
        throw new DistributedApplicationException(
            $"Resource '{resource.Name}' is a container ({image}) and needs Aspire itself with a container engine; "
            + "the stand-in runs only Postgres and Redis, as programs of this machine.");
    }
}
