using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;

namespace AgentPlatform.ServiceDefaults.Telemetry;

/// <summary>
/// Aspire's development environment asks instrumentation to record query strings and prompts in full. Here they are never recorded:
/// what asks for it is overruled before any instrumentation reads it.
/// </summary>
internal static class TelemetryPrivacy
{
    /// <summary>Settings that would record what must not be recorded; all of them take <c>false</c> for no.</summary>
    public static IReadOnlyList<string> Forced { get; } =
    [
        "OTEL_DOTNET_EXPERIMENTAL_ASPNETCORE_DISABLE_URL_QUERY_REDACTION",
        "OTEL_DOTNET_EXPERIMENTAL_HTTPCLIENT_DISABLE_URL_QUERY_REDACTION",
        "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
        "DOTNET_SYSTEM_NET_HTTP_DISABLEURIREDACTION",
    ];

    public static void ForceTelemetryPrivacy(this WebApplicationBuilder builder)
    {
        // Some readers ask the environment, others the configuration.
        foreach (var name in Forced)
        {
            Environment.SetEnvironmentVariable(name, "false");
        }

        builder.Configuration.AddInMemoryCollection(Forced.Select(name => KeyValuePair.Create(name, (string?)"false")));
        AppContext.SetSwitch("System.Net.Http.DisableUriRedaction", false);
    }
}
