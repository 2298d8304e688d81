using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Polly;
using Polly.Registry;

namespace Microsoft.Extensions.Http.Resilience.Pipelines;

/// <summary>
/// All pipelines of a container, each built once and kept: a handler that is made anew (they are, every two minutes) finds its breaker as it was.
/// </summary>
internal sealed class HttpPipelines(IServiceProvider services, IOptionsMonitor<PipelineRegistration> registrations) : IAsyncDisposable
{
    private readonly TimeProvider _time = services.GetService<TimeProvider>() ?? TimeProvider.System;

    private readonly ResiliencePipelineRegistry<PipelineKey> _registry = new(new ResiliencePipelineRegistryOptions<PipelineKey>
    {
        BuilderFactory = () => new ResiliencePipelineBuilder
        {
            TimeProvider = services.GetService<TimeProvider>() ?? TimeProvider.System,
            TelemetryListener = PollyTelemetry.Listener,
        },
        BuilderComparer = PipelineKey.ByName,
        BuilderNameFormatter = key => key.Name,
        InstanceNameFormatter = key => key.Instance,
    });

    public ResilienceHandler NewHandler(string pipelineName)
    {
        var registration = registrations.Get(pipelineName);
        var configure = registration.Configure
            ?? throw new InvalidOperationException($"No resilience pipeline is registered by the name '{pipelineName}'.");
        _registry.TryAddBuilder<HttpResponseMessage>(
            new PipelineKey(pipelineName, ""), (builder, context) => configure(builder, new ResilienceHandlerContext(services, context.PipelineKey)));

        if (registration.Selector is null)
        {
            var pipeline = _registry.GetPipeline<HttpResponseMessage>(new PipelineKey(pipelineName, ""));
            return new ResilienceHandler(_ => pipeline, _time);
        }

        var select = registration.Selector(services);
        return new ResilienceHandler(request => _registry.GetPipeline<HttpResponseMessage>(new PipelineKey(pipelineName, select(request))), _time);
    }

    public ValueTask DisposeAsync() => _registry.DisposeAsync();
}
