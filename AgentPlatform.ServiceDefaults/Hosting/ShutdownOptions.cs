using Microsoft.Extensions.Options;

namespace AgentPlatform.ServiceDefaults.Hosting;

/// <summary>How a service stops.</summary>
public sealed class ShutdownOptions
{
    /// <summary>Where the settings are found.</summary>
    public const string Section = "Shutdown";

    /// <summary>How long the service goes on listening after it became not ready, 0 to 20 s. Default: 0 in Development, else 3 s.</summary>
    public TimeSpan NoticeDelay { get; set; }

    /// <summary>The time for the whole stop, 1 to 60 s; what is under way then is cut off. Default: 25 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(25);
}

internal sealed class ShutdownOptionsValidator : IValidateOptions<ShutdownOptions>
{
    private static readonly TimeSpan NoticeMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(60);

    public ValidateOptionsResult Validate(string? name, ShutdownOptions options)
    {
        var failures = new List<string>();
        if (options.NoticeDelay < TimeSpan.Zero || options.NoticeDelay > NoticeMax)
        {
            failures.Add("Shutdown:NoticeDelay must be from 00:00:00 to 00:00:20.");
        }

        if (options.DrainTimeout < TimeSpan.FromSeconds(1) || options.DrainTimeout > DrainMax)
        {
            failures.Add("Shutdown:DrainTimeout must be from 00:00:01 to 00:01:00.");
        }

        if (options.NoticeDelay >= options.DrainTimeout)
        {
            failures.Add("Shutdown:NoticeDelay must be shorter than Shutdown:DrainTimeout.");
        }

        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }
}
