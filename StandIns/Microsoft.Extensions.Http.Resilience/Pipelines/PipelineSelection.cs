using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Http.Resilience.Pipelines;

/// <summary>How a request chooses among the pipelines of one name.</summary>
internal static class PipelineSelection
{
    public static string ByAuthority(HttpRequestMessage request) => request.RequestUri is { IsAbsoluteUri: true } uri
        ? uri.GetLeftPart(UriPartial.Authority)
        : throw new InvalidOperationException("A request without an absolute address cannot choose a pipeline by authority.");

    public static Func<HttpRequestMessage, string> ByAuthority(IServiceProvider services) => ByAuthority;

    public static void SelectPipeline(
        this IServiceCollection services, string pipelineName, Func<IServiceProvider, Func<HttpRequestMessage, string>> selectorFactory) =>
        services.Configure<PipelineRegistration>(pipelineName, registration => registration.Selector = selectorFactory);
}
