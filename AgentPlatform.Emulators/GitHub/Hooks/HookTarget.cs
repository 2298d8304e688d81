using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Hooks;

/// <summary>Where deliveries go and what signs them. Starts as configured; the control API may move it.</summary>
internal sealed class HookTarget(IOptions<GitHubOptions> options)
{
    private volatile Target _current = new(options.Value.WebhookUrl, options.Value.WebhookSecret);

    public Target Current
    {
        get => _current;
        set => _current = value;
    }

    public sealed record Target(string? Url, string? Secret)
    {
        /// <summary>Never the secret.</summary>
        public override string ToString() => Url ?? "none";
    }
}
