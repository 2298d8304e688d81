using System.Globalization;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Execution;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>The environment and the arguments of one instance, with every value computed.</summary>
internal sealed record InstanceConfiguration(IReadOnlyDictionary<string, string> Environment, IReadOnlyList<string> Arguments)
{
    /// <summary>
    /// Calls the callbacks of the model in their order, then computes what they left to be computed; the defaults hold where they
    /// set nothing.
    /// </summary>
    public static async Task<InstanceConfiguration> ComputeAsync(
        IResource resource,
        string instanceId,
        IReadOnlyDictionary<string, int> targetPorts,
        IEnumerable<(string Name, string Value)> defaults,
        DistributedApplicationExecutionContext execution,
        ILogger logger,
        CancellationToken cancellationToken)
    {
        var values = new ValueProviderContext { ExecutionContext = execution, Caller = resource, CallerTargetPorts = targetPorts };
        var callbacks = await ResourceCallbacks.RunAsync(resource, execution, logger, cancellationToken);

        var variables = defaults.ToDictionary(variable => variable.Name, variable => variable.Value);
        foreach (var (name, value) in callbacks.Variables)
        {
            if (await TextAsync(value, values, cancellationToken) is { } text)
            {
                variables[name] = text;
            }
        }

        var texts = new List<string>();
        foreach (var argument in callbacks.Arguments)
        {
            if (await TextAsync(argument, values, cancellationToken) is { } text)
            {
                texts.Add(text);
            }
        }

        return new InstanceConfiguration(variables, texts);
    }

    private static async ValueTask<string?> TextAsync(object? value, ValueProviderContext context, CancellationToken cancellationToken) =>
        value switch
        {
            null => null,
            string text => text,
            IValueProvider provider => await provider.GetValueAsync(context, cancellationToken),
            _ => Convert.ToString(value, CultureInfo.InvariantCulture),
        };
}
