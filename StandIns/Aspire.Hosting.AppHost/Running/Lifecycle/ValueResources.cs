using System.Collections.Immutable;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Running;

/// <summary>Resources that are nothing but a value: they are there from the start, or their value is missing.</summary>
internal static partial class ValueResources
{
    /// <summary>Shows the value, or says which one is missing.</summary>
    public static async Task ShowAsync(ResourceRun run, CancellationToken cancellationToken)
    {
        var id = run.Resource.InstanceIds()[0];
        try
        {
            var value = run.Resource is IValueProvider provider ? await provider.GetValueAsync(cancellationToken) : null;
            var isSecret = run.Resource is not ParameterResource { Secret: false };
            run.Publish(id, snapshot => snapshot with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.Running, KnownResourceStateStyles.Success),
                StartTimeStamp = run.Context.UtcNow,
                Properties = [.. snapshot.Properties, .. Value(value, isSecret), .. Source(run.Resource)],
            });
        }
        catch (DistributedApplicationException ex)
        {
            Log.ValueMissing(run.Context.Logger, run.Resource.Name, ex.Message);
            Log.ValueMissing(run.Context.Loggers.GetLogger(id), run.Resource.Name, ex.Message);
            run.Publish(id, snapshot => snapshot with
            {
                State = new ResourceStateSnapshot(KnownResourceStates.ValueMissing, KnownResourceStateStyles.Warn),
                Properties = [.. snapshot.Properties, .. Value(ex.Message, isSecret: false), .. Source(run.Resource)],
            });
        }
    }

    private static ImmutableArray<ResourcePropertySnapshot> Value(string? value, bool isSecret) =>
        value is null ? [] : [new ResourcePropertySnapshot("Value", value) { IsSensitive = isSecret }];

    private static ImmutableArray<ResourcePropertySnapshot> Source(IResource resource) =>
        resource is ParameterResource parameter ? [new ResourcePropertySnapshot("resource.source", parameter.ConfigurationKey)] : [];

    private static partial class Log
    {
        [LoggerMessage(8150, LogLevel.Error, "Parameter '{ParameterName}' has no value. {Reason}")]
        public static partial void ValueMissing(ILogger logger, string parameterName, string reason);
    }
}
