using Microsoft.Extensions.DependencyInjection;

namespace Aspire.Hosting.Publishing;

/// <summary>What writes a deployment's description in place of running it.</summary>
internal static class PublishingServices
{
    public const string ManifestStep = "publish-manifest";

    public static IServiceCollection AddPublishing(this IServiceCollection services, IDistributedApplicationBuilder builder) => services;
}
