using Polly;

namespace Microsoft.Extensions.Http.Resilience.Pipelines;

/// <summary>How the pipelines of one name are built, and how a request chooses among them. Named options, one for each pipeline name.</summary>
internal sealed class PipelineRegistration
{
    /// <summary>Adds the strategies; null where no handler of this name was added.</summary>
    public Action<ResiliencePipelineBuilder<HttpResponseMessage>, ResilienceHandlerContext>? Configure { get; set; }

    /// <summary>Makes the function that names the instance for a request; null means one instance for all.</summary>
    public Func<IServiceProvider, Func<HttpRequestMessage, string>>? Selector { get; set; }
}
