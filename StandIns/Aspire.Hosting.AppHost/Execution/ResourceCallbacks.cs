using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Execution;

/// <summary>What the callbacks of a resource made of its environment and arguments: texts, and values that are computed later.</summary>
/// <param name="Variables">The variables, in the order in which they were first set.</param>
/// <param name="Arguments">The arguments.</param>
internal sealed record ResourceCallbacks(IReadOnlyDictionary<string, object> Variables, IReadOnlyList<object> Arguments)
{
    /// <summary>Runs the callbacks in the order in which they were added.</summary>
    public static async Task<ResourceCallbacks> RunAsync(
        IResource resource, DistributedApplicationExecutionContext execution, ILogger logger, CancellationToken cancellationToken)
    {
        var environment = new EnvironmentCallbackContext(execution, resource, cancellationToken: cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<EnvironmentCallbackAnnotation>().ToList())
        {
            await annotation.Callback(environment);
        }

        List<object> arguments = [];
        var context = new CommandLineArgsCallbackContext(arguments, execution, resource, cancellationToken) { Logger = logger };
        foreach (var annotation in resource.Annotations.OfType<CommandLineArgsCallbackAnnotation>().ToList())
        {
            await annotation.Callback(context);
        }

        return new ResourceCallbacks(
            environment.EnvironmentVariables.ToDictionary(variable => variable.Key, variable => Unwrap(variable.Value)),
            [.. arguments.Select(Unwrap)]);
    }

    /// <summary>A resource's builder stands for the resource.</summary>
    private static object Unwrap(object value) => value is IResourceBuilder<IResource> builder ? builder.Resource : value;
}
