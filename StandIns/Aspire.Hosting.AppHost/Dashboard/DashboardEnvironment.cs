using System.Collections;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// The environment of the dashboard's process. Keys and tokens travel here and nowhere else; of the app host's own environment
/// it gets what a program needs to run, because parameters and their secrets stand there too.
/// </summary>
internal static class DashboardEnvironment
{
    private static readonly string[] Inherited =
    [
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "TZ", "TMPDIR", "TMP", "TEMP", "XDG_DATA_HOME", "XDG_CACHE_HOME",
        "SystemRoot", "SystemDrive", "windir", "USERPROFILE", "USERNAME", "APPDATA", "LOCALAPPDATA", "ProgramData", "ComSpec",
        "SSL_CERT_FILE", "SSL_CERT_DIR", "DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "LD_LIBRARY_PATH",
    ];

    public static Dictionary<string, string> Create(DashboardEndpoints endpoints, Uri resourceService)
    {
        var environment = Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .Select(static entry => (Name: (string)entry.Key, Value: (string?)entry.Value ?? ""))
            .Where(static entry => Inherited.Contains(entry.Name, StringComparer.OrdinalIgnoreCase) || IsForTheDashboard(entry.Name))
            .ToDictionary(static entry => entry.Name, static entry => entry.Value);

        environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        environment["ASPNETCORE_URLS"] = string.Join(';', endpoints.FrontendUrls);
        environment["ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL"] = resourceService.GetLeftPart(UriPartial.Authority);
        environment["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true";
        SetIfKnown(environment, DashboardEndpoints.OtlpGrpcKey, endpoints.OtlpGrpcUrl);
        SetIfKnown(environment, DashboardEndpoints.OtlpHttpKey, endpoints.OtlpHttpUrl);

        environment["DASHBOARD__FRONTEND__AUTHMODE"] = endpoints.BrowserToken is null ? "Unsecured" : "BrowserToken";
        SetIfKnown(environment, "DASHBOARD__FRONTEND__BROWSERTOKEN", endpoints.BrowserToken);
        environment["DASHBOARD__OTLP__AUTHMODE"] = "ApiKey";
        SetIfKnown(environment, "DASHBOARD__OTLP__PRIMARYAPIKEY", endpoints.Otlp?.ApiKey);
        environment["DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE"] = "ApiKey";
        environment["DASHBOARD__RESOURCESERVICECLIENT__APIKEY"] = endpoints.ResourceServiceApiKey;
        environment["DASHBOARD__API__ENABLED"] = "true";
        environment["DASHBOARD__API__AUTHMODE"] = "ApiKey";
        environment["DASHBOARD__API__PRIMARYAPIKEY"] = endpoints.TelemetryApiKey;

        // One person looks at it: a heap for each core would only take memory from the services beside it.
        environment["DOTNET_gcServer"] = "0";
        return environment;
    }

    /// <summary>Settings that somebody has made for the dashboard itself, such as how many traces it keeps.</summary>
    private static bool IsForTheDashboard(string name) =>
        name.StartsWith("DASHBOARD__", StringComparison.OrdinalIgnoreCase) || name.StartsWith("ASPIRE_DASHBOARD_", StringComparison.OrdinalIgnoreCase);

    private static void SetIfKnown(Dictionary<string, string> environment, string name, string? value)
    {
        if (value is not null)
        {
            environment[name] = value;
        }
    }
}
