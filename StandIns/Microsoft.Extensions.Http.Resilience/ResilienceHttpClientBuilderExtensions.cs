using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Http.Resilience.Pipelines;
using Polly;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds resilience to clients.</summary>
public static class ResilienceHttpClientBuilderExtensions
{
    private const string StandardName = "standard";

    /// <summary>Adds the standard handler with its defaults, see <see cref="HttpStandardResilienceOptions"/>.</summary>
    /// <param name="builder">The client.</param>
    /// <returns>A builder of the handler.</returns>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var name = PipelineName(builder, StandardName);
        builder.Services.AddOptionsWithValidateOnStart<HttpStandardResilienceOptions, HttpStandardResilienceOptionsValidator>(name)
            .PostConfigure(options => Resending.Guard(options.Retry));
        builder.AddResilienceHandler(StandardName, (pipeline, context) =>
        {
            var options = context.GetOptions<HttpStandardResilienceOptions>(name);
            pipeline
                .AddRateLimiter(options.RateLimiter)
                .AddTimeout(options.TotalRequestTimeout)
                .AddRetry(options.Retry)
                .AddCircuitBreaker(options.CircuitBreaker)
                .AddTimeout(options.AttemptTimeout);
        });

        // The strategies time requests out; the client's own 100 seconds would cut a longer total short.
        builder.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan);
        return new PipelineBuilder(name, builder.Services);
    }

    /// <summary>Adds the standard handler and changes its options.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Changes them.</param>
    /// <returns>A builder of the handler.</returns>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(
        this IHttpClientBuilder builder, Action<HttpStandardResilienceOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddStandardResilienceHandler().Configure(configure);
    }

    /// <summary>Adds the standard handler and binds its options to a section.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="section">The section; not empty, and without unknown keys.</param>
    /// <returns>A builder of the handler.</returns>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder, IConfigurationSection section)
    {
        ArgumentNullException.ThrowIfNull(section);
        return builder.AddStandardResilienceHandler().Configure(section);
    }

    /// <summary>Adds a handler with a pipeline of one's own.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="pipelineName">The handler's name; with the client's it makes the pipeline's.</param>
    /// <param name="configure">Adds the strategies.</param>
    /// <returns>A builder of the handler.</returns>
    public static IHttpResiliencePipelineBuilder AddResilienceHandler(
        this IHttpClientBuilder builder, string pipelineName, Action<ResiliencePipelineBuilder<HttpResponseMessage>> configure)
    {
        ArgumentNullException.ThrowIfNull(configure);
        return builder.AddResilienceHandler(pipelineName, (pipeline, _) => configure(pipeline));
    }

    /// <summary>Adds a handler with a pipeline of one's own, built with the help of services.</summary>
    /// <param name="builder">The client.</param>
    /// <param name="pipelineName">The handler's name; with the client's it makes the pipeline's.</param>
    /// <param name="configure">Adds the strategies.</param>
    /// <returns>A builder of the handler.</returns>
    public static IHttpResiliencePipelineBuilder AddResilienceHandler(
        this IHttpClientBuilder builder,
        string pipelineName,
        Action<ResiliencePipelineBuilder<HttpResponseMessage>, ResilienceHandlerContext> configure)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(pipelineName);
        ArgumentNullException.ThrowIfNull(configure);
        var name = PipelineName(builder, pipelineName);
        builder.Services.TryAddSingleton<HttpPipelines>();
        builder.Services.Configure<PipelineRegistration>(name, registration => registration.Configure = configure);
        builder.AddHttpMessageHandler(services => services.GetRequiredService<HttpPipelines>().NewHandler(name));
        return new PipelineBuilder(name, builder.Services);
    }

    // The client of the defaults has no name: its pipeline, "-standard", is one for all clients of the container.
    private static string PipelineName(IHttpClientBuilder builder, string handlerName) => $"{builder.Name}-{handlerName}";

    private sealed record PipelineBuilder(string PipelineName, IServiceCollection Services)
        : IHttpStandardResiliencePipelineBuilder, IHttpResiliencePipelineBuilder;
}
