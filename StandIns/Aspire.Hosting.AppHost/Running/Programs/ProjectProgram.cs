using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Running.Processes;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running.Programs;

/// <summary>Runs a project from what was built last; the app host's own build builds the projects that it refers to.</summary>
internal sealed partial class ProjectProgram(ProjectResource resource) : IProgram
{
    private string ProjectPath => resource.Annotations.OfType<IProjectMetadata>().Last().ProjectPath;

    /// <inheritdoc/>
    public Task<ProcessSpec> PrepareAsync(ProgramStart start, CancellationToken cancellationToken)
    {
        var project = ProjectPath;
        if (!File.Exists(project))
        {
            throw new DistributedApplicationException($"Resource '{resource.Name}' cannot start: there is no project '{project}'.");
        }

        var output = BuiltOutput.Find(project, start.Run.AppHostAssembly)
            ?? throw new DistributedApplicationException(
                $"Resource '{resource.Name}' cannot start: project '{project}' has not been built. Build it with: dotnet build \"{project}\"");
        if (BuiltOutput.NewerSource(project, output) is { } newer)
        {
            Log.OutputIsStale(start.Logger, newer, project);
        }

        var dotnet = ProgramFinder.FindDotnet()
            ?? throw new DistributedApplicationException($"Resource '{resource.Name}' cannot start: the dotnet program was not found.");
        return Task.FromResult(new ProcessSpec(
            dotnet, [output, .. start.Arguments], ProgramEnvironment.With(start.Environment), Path.GetDirectoryName(project)!));
    }

    private static partial class Log
    {
        [LoggerMessage(8120, LogLevel.Warning,
            "'{Source}' is newer than what was built last, which is what runs now. To run the newest code: dotnet build \"{Project}\"")]
        public static partial void OutputIsStale(ILogger logger, string source, string project);
    }
}
