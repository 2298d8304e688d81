using System.Globalization;
using System.Security.Cryptography;
using Aspire.Hosting.Running.Network;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>Where resources send their telemetry.</summary>
/// <param name="Url">Value of OTEL_EXPORTER_OTLP_ENDPOINT.</param>
/// <param name="Protocol">Value of OTEL_EXPORTER_OTLP_PROTOCOL.</param>
/// <param name="ApiKey">Sent as the header <c>x-otlp-api-key</c>; null for a collector of somebody else's.</param>
internal sealed record OtlpTarget(string Url, string Protocol, string? ApiKey);

/// <summary>
/// The dashboard's addresses and keys, settled when the application is built: resources are told them before the dashboard runs.
/// An address that configuration does not name gets a free port.
/// </summary>
internal sealed class DashboardEndpoints
{
    public const string FrontendKey = "ASPNETCORE_URLS";
    public const string OtlpGrpcKey = "ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL";
    public const string OtlpHttpKey = "ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL";
    public const string ResourceServiceKey = "ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL";
    public const string BrowserTokenKey = "ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN";
    public const string AllowAnonymousKey = "ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS";

    /// <param name="configuration">Configuration of the app host.</param>
    /// <param name="isDisabled">Whether the app host wants no dashboard, as tests do.</param>
    public DashboardEndpoints(IConfiguration configuration, bool isDisabled)
    {
        Place = DashboardProgram.Place(configuration);
        Program = isDisabled ? null : DashboardProgram.Find(Place);
        IsMissing = !isDisabled && Program is null;

        // Telemetry goes to the dashboard, or to whatever collector somebody has named; else nowhere.
        var (grpc, http) = (Text(configuration, OtlpGrpcKey), Text(configuration, OtlpHttpKey));
        if (IsEnabled || grpc is not null || http is not null)
        {
            OtlpGrpcUrl = grpc ?? (http is null ? FreeAddress() : null);
            OtlpHttpUrl = http;
            var key = IsEnabled ? Text(configuration, "AppHost:OtlpApiKey") ?? NewSecret() : null;
            Otlp = OtlpGrpcUrl is not null ? new OtlpTarget(OtlpGrpcUrl, "grpc", key) : new OtlpTarget(http!, "http/protobuf", key);
        }

        FrontendUrls = IsEnabled ? Text(configuration, FrontendKey)?.Split(';', StringSplitOptions.RemoveEmptyEntries) ?? [FreeAddress()] : [];
        ResourceServicePort = Uri.TryCreate(configuration[ResourceServiceKey], UriKind.Absolute, out var address) ? address.Port : 0;
        BrowserToken = configuration.GetValue<bool>(AllowAnonymousKey) ? null : Text(configuration, BrowserTokenKey) ?? NewSecret();
    }

    /// <summary>Where the dashboard was looked for.</summary>
    public string Place { get; }

    /// <summary>The dashboard's program; null when it is not to be started or is not there.</summary>
    public string? Program { get; }

    /// <summary>Whether a dashboard is wanted that this machine does not have.</summary>
    public bool IsMissing { get; }

    /// <summary>Whether a dashboard will be started.</summary>
    public bool IsEnabled => Program is not null;

    /// <summary>Where resources send telemetry; null when nobody takes it.</summary>
    public OtlpTarget? Otlp { get; }

    /// <summary>Addresses that people open; the first is the one that is shown.</summary>
    public IReadOnlyList<string> FrontendUrls { get; }

    /// <summary>Address at which OTLP over gRPC is taken.</summary>
    public string? OtlpGrpcUrl { get; }

    /// <summary>Address at which OTLP over HTTP is taken.</summary>
    public string? OtlpHttpUrl { get; }

    /// <summary>Port of the app host's own resource service; 0 for a free one.</summary>
    public int ResourceServicePort { get; }

    /// <summary>The token of the login link; null when everybody may look.</summary>
    public string? BrowserToken { get; }

    /// <summary>What the dashboard shows to the resource service.</summary>
    public string ResourceServiceApiKey { get; } = NewSecret();

    /// <summary>What a caller shows to the dashboard's telemetry API in the header <c>x-api-key</c>.</summary>
    public string TelemetryApiKey { get; } = NewSecret();

    /// <summary>The address that people open.</summary>
    public string Url => FrontendUrls[0].TrimEnd('/');

    /// <summary>The address with which a person logs in.</summary>
    public string LoginUrl => $"{Url}/login?t={Uri.EscapeDataString(BrowserToken ?? "")}";

    private static string? Text(IConfiguration configuration, string key) => configuration[key] is { Length: > 0 } text ? text : null;

    private static string FreeAddress() => "http://localhost:" + PortAllocator.Take().ToString(CultureInfo.InvariantCulture);

    private static string NewSecret() => RandomNumberGenerator.GetHexString(32, lowercase: true);
}
