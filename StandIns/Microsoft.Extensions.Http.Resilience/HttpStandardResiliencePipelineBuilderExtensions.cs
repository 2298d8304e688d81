using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience.Pipelines;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Configures the standard handler.</summary>
public static class HttpStandardResiliencePipelineBuilderExtensions
{
    /// <summary>Binds the options to a section. An unknown key in it is an error.</summary>
    /// <param name="builder">The handler's builder.</param>
    /// <param name="section">The section.</param>
    /// <returns>The same builder.</returns>
    /// <exception cref="ArgumentException">The section is empty.</exception>
    public static IHttpStandardResiliencePipelineBuilder Configure(this IHttpStandardResiliencePipelineBuilder builder, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(section);
        if (!section.GetChildren().Any())
        {
            throw new ArgumentException($"The configuration section '{section.Path}' of a resilience handler is empty.", nameof(section));
        }

        builder.Services.Configure<HttpStandardResilienceOptions>(builder.PipelineName, section, binder => binder.ErrorOnUnknownConfiguration = true);
        return builder;
    }

    /// <summary>Changes the options.</summary>
    /// <param name="builder">The handler's builder.</param>
    /// <param name="configure">Changes them.</param>
    /// <returns>The same builder.</returns>
    public static IHttpStandardResiliencePipelineBuilder Configure(
        this IHttpStandardResiliencePipelineBuilder builder, Action<HttpStandardResilienceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.Configure((options, _) => configure(options));
    }

    /// <summary>Changes the options with the help of services.</summary>
    /// <param name="builder">The handler's builder.</param>
    /// <param name="configure">Changes them.</param>
    /// <returns>The same builder.</returns>
    public static IHttpStandardResiliencePipelineBuilder Configure(
        this IHttpStandardResiliencePipelineBuilder builder, Action<HttpStandardResilienceOptions, IServiceProvider> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(configure);
        builder.Services.AddOptions<HttpStandardResilienceOptions>(builder.PipelineName).Configure(configure);
        return builder;
    }

    /// <summary>Gives each authority (scheme, host, port) a pipeline of its own, so that one that is down does not open the breaker for others.</summary>
    /// <param name="builder">The handler's builder.</param>
    /// <returns>The same builder.</returns>
    public static IHttpStandardResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpStandardResiliencePipelineBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.SelectPipeline(builder.PipelineName, PipelineSelection.ByAuthority);
        return builder;
    }

    /// <summary>Gives each key a pipeline of its own. Keys are seen in metrics.</summary>
    /// <param name="builder">The handler's builder.</param>
    /// <param name="selectorFactory">Makes the function that names the key of a request.</param>
    /// <returns>The same builder.</returns>
    public static IHttpStandardResiliencePipelineBuilder SelectPipelineBy(
        this IHttpStandardResiliencePipelineBuilder builder, Func<IServiceProvider, Func<HttpRequestMessage, string>> selectorFactory)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentNullException.ThrowIfNull(selectorFactory);
        builder.Services.SelectPipeline(builder.PipelineName, selectorFactory);
        return builder;
    }
}
