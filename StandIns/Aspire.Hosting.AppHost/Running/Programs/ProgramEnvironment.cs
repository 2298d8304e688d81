using System.Collections;

namespace Aspire.Hosting.Running.Programs;

/// <summary>The environment of a process: what the app host itself was given, less what is meant for the app host alone.</summary>
internal static class ProgramEnvironment
{
    private static readonly string[] OwnNames =
    [
        "ASPNETCORE_URLS", "ASPNETCORE_HTTP_PORTS", "ASPNETCORE_HTTPS_PORTS", "DOTNET_LAUNCH_PROFILE",
    ];

    /// <summary>The dashboard's tokens, parameters (passwords among them), and what build and test programs set for their own.</summary>
    private static readonly string[] OwnPrefixes =
    [
        "ASPIRE_", "DOTNET_DASHBOARD_", "DASHBOARD__", "Parameters__", "ConnectionStrings__", "MSBUILD", "VSTEST_", "DOTNET_CLI_",
    ];

    private static readonly StringComparer Names = OperatingSystem.IsWindows() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>The inherited environment with <paramref name="variables"/> over it.</summary>
    public static Dictionary<string, string> With(IReadOnlyDictionary<string, string> variables)
    {
        var environment = Inherited();
        foreach (var (name, value) in variables)
        {
            environment[name] = value;
        }

        return environment;
    }

    private static Dictionary<string, string> Inherited()
    {
        var inherited = new Dictionary<string, string>(Names);
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            var name = (string)variable.Key;
            if (!OwnNames.Contains(name, StringComparer.OrdinalIgnoreCase)
                && !OwnPrefixes.Any(prefix => name.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)))
            {
                inherited[name] = (string?)variable.Value ?? "";
            }
        }

        return inherited;
    }
}
