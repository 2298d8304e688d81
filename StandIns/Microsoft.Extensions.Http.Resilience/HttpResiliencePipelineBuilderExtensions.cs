using Microsoft.Extensions.Http.Resilience.Pipelines;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Configures a handler of one's own.</summary>
public static class HttpResiliencePipelineBuilderExtensions
{
    /// <summary>Gives each authority (scheme, host, port) a pipeline of its own.</summary>
    /// <param name="builder">The handler's builder.</param>
    /// <returns>The same builder.</returns>
    public static IHttpResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpResiliencePipelineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.SelectPipeline(builder.PipelineName, PipelineSelection.ByAuthority);
        return builder;
    }

    /// <summary>Gives each key a pipeline of its own. Keys are seen in metrics.</summary>
    /// <param name="builder">The handler's builder.</param>
    /// <param name="selectorFactory">Makes the function that names the key of a request.</param>
    /// <returns>The same builder.</returns>
    public static IHttpResiliencePipelineBuilder SelectPipelineBy(
        this IHttpResiliencePipelineBuilder builder, Func<IServiceProvider, Func<HttpRequestMessage, string>> selectorFactory)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(selectorFactory);
        builder.Services.SelectPipeline(builder.PipelineName, selectorFactory);
        return builder;
    }
}
