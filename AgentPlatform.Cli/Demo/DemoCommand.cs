using System.CommandLine;

namespace AgentPlatform.Cli.Demo;

/// <summary><c>agentctl demo</c>: a pull request with a planted bug, from its webhook to its check run. <c>./dev demo</c> starts the system for it.</summary>
internal static class DemoCommand
{
    private const string EmulatorsVariable = "AGENTPLATFORM_EMULATORS";
    private const string DefaultEmulators = "http://localhost:5090";

    /// <summary>The dashboard's login address holds a token, so it does not come by the command line.</summary>
    private const string DashboardVariable = "AGENTPLATFORM_DASHBOARD";
    private const int DefaultTimeoutSeconds = 120;
    private const int TimeoutSecondsMax = 3600;

    public static Command Create(Invoker invoke)
    {
        var emulators = new Option<string?>("--emulators") { Description = $"The emulators' address; else {EmulatorsVariable}, else {DefaultEmulators}." };
        var timeout = new Option<int>("--timeout") { Description = "Seconds for all of it.", DefaultValueFactory = _ => DefaultTimeoutSeconds };
        timeout.Validators.Add(result =>
        {
            if (result.GetValue(timeout) is < 1 or > TimeoutSecondsMax)
            {
                result.AddError($"--timeout is 1 to {TimeoutSecondsMax} seconds.");
            }
        });
        var command = new Command("demo", "Opens a pull request with a planted bug in the GitHub emulator and follows its run to the check run.") { emulators, timeout };
        command.SetAction((parsed, cancellationToken) => invoke(
            parsed,
            async (context, cancellation) =>
            {
                var text = parsed.GetValue(emulators) ?? Environment.GetEnvironmentVariable(EmulatorsVariable);
                text = string.IsNullOrWhiteSpace(text) ? DefaultEmulators : text;
                if (!Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https"))
                {
                    throw new DemoException($"--emulators (or {EmulatorsVariable}) is an absolute http or https address.", ExitCodes.Usage);
                }

                using var control = new EmulatorControl(address);
                var dashboard = Uri.TryCreate(Environment.GetEnvironmentVariable(DashboardVariable), UriKind.Absolute, out var known) ? known : null;
                return await new DemoRun(context, control, dashboard, TimeSpan.FromSeconds(parsed.GetValue(timeout))).PlayAsync(cancellation);
            },
            cancellationToken));
        return command;
    }
}
