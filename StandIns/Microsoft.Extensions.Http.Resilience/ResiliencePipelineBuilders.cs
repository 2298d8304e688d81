using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Configures a handler that was added to a client.</summary>
public interface IHttpResiliencePipelineBuilder
{
    /// <summary>The name of the pipeline and of its options.</summary>
    string PipelineName { get; }

    /// <summary>The client's services.</summary>
    IServiceCollection Services { get; }
}

/// <summary>Configures the standard handler that was added to a client.</summary>
public interface IHttpStandardResiliencePipelineBuilder
{
    /// <summary>The name of the pipeline and of its options.</summary>
    string PipelineName { get; }

    /// <summary>The client's services.</summary>
    IServiceCollection Services { get; }
}
