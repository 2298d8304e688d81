using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Processes;

namespace Aspire.Hosting.Running.Programs;

/// <summary>Runs an executable resource.</summary>
internal sealed class ExecutableProgram(ExecutableResource resource) : IProgram
{
    /// <inheritdoc/>
    public Task<ProcessSpec> PrepareAsync(ProgramStart start, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(resource.WorkingDirectory))
        {
            throw new DistributedApplicationException(
                $"Resource '{resource.Name}' cannot start: its working directory '{resource.WorkingDirectory}' does not exist.");
        }

        var program = ProgramFinder.Find(resource.Command, resource.WorkingDirectory)
            ?? throw new DistributedApplicationException(
                $"Resource '{resource.Name}' cannot start: there is no program '{resource.Command}', neither at that path nor in PATH.");
        return Task.FromResult(
            new ProcessSpec(program, start.Arguments, ProgramEnvironment.With(start.Environment), resource.WorkingDirectory));
    }
}
