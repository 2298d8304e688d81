using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience.Pipelines;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>What is at hand while a pipeline of a handler is built.</summary>
public sealed class ResilienceHandlerContext
{
    private readonly PipelineKey _key;

    internal ResilienceHandlerContext(IServiceProvider services, PipelineKey key)
    {
        ServiceProvider = services;
        _key = key;
    }

    /// <summary>The container of the client.</summary>
    public IServiceProvider ServiceProvider { get; }

    /// <summary>The pipeline's name: the client's, a hyphen, the handler's.</summary>
    public string BuilderName => _key.Name;

    /// <summary>Which instance of the pipeline is built: what the selector returned, "" without one.</summary>
    public string InstanceName => _key.Instance;

    /// <summary>Reads options by name.</summary>
    /// <typeparam name="TOptions">The options' type.</typeparam>
    /// <param name="name">The options' name.</param>
    public TOptions GetOptions<TOptions>(string name) => ServiceProvider.GetRequiredService<IOptionsMonitor<TOptions>>().Get(name);
}
