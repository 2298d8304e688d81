using AgentPlatform.Tests.Browser;
using Aspire.Hosting.Dashboard;
using Microsoft.Extensions.Configuration;

namespace AgentPlatform.Tests.StandIns.Dashboard;

/// <summary>A test against the real dashboard in a real browser; skipped, by name, where this machine lacks one of them.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class InstalledDashboardFactAttribute : FactAttribute
{
    public InstalledDashboardFactAttribute()
    {
        var place = DashboardProgram.Place(new ConfigurationBuilder().AddEnvironmentVariables().Build());
        Skip = (DashboardProgram.Find(place), Chromium.Program) switch
        {
            (null, _) => $"The Aspire dashboard is not at {place}: run eng/install-dashboard.sh.",
            (_, null) => "Chromium is not on PATH.",
            _ => null,
        };
    }
}
