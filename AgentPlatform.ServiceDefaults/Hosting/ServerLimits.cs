using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace AgentPlatform.ServiceDefaults.Hosting;

/// <summary>Bounds on what a request may bring. An endpoint that takes more says so by its own request size metadata.</summary>
internal static class ServerLimits
{
    private const long BodyMax = 1024 * 1024;
    private const int HeadersTotalMax = 32 * 1024;
    private const int HeaderCountMax = 64;
    private const int RequestLineMax = 8 * 1024;

    public static void AddServerLimits(this WebApplicationBuilder builder) => builder.WebHost.ConfigureKestrel(kestrel =>
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = BodyMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeadersTotalMax;
        kestrel.Limits.MaxRequestHeaderCount = HeaderCountMax;
        kestrel.Limits.MaxRequestLineSize = RequestLineMax;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
    });
}
