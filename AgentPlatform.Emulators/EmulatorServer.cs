using AgentPlatform.Emulators.GitHub;
using AgentPlatform.Emulators.Hosting;
using AgentPlatform.Emulators.Models;
using AgentPlatform.Emulators.Pages;

namespace AgentPlatform.Emulators;

/// <summary>The whole of this process: what it is made of and what it serves.</summary>
internal static class EmulatorServer
{
    /// <summary>The process' exit code where it must not run (<c>EX_CONFIG</c>).</summary>
    public const int RefusedExitCode = 78;

    /// <summary>An emulator takes commands from whoever can reach it, so it runs on developers' machines only.</summary>
    public static bool MayStart(IHostEnvironment environment, TextWriter errors)
    {
        if (environment.IsDevelopment())
        {
            return true;
        }

        errors.WriteLine($"The emulators run in the environment Development only; this one is {environment.EnvironmentName}.");
        return false;
    }

    public static WebApplication Build(WebApplicationBuilder builder)
    {
        builder.AddHosting();
        builder.AddGitHub();
        builder.AddModels();
        builder.AddPages();

        var app = builder.Build();
        app.MapHosting();
        app.MapGitHub();
        app.MapModels();
        app.MapPages();
        return app;
    }
}
