using System.ComponentModel.DataAnnotations;

namespace AgentPlatform.ServiceDefaults.GitHub;

/// <summary>Which GitHub, and as which App. Without an App webhooks are taken in, but lost ones are not recovered, and nothing is fetched or reported.</summary>
public sealed class GitHubOptions
{
    /// <summary>Where the settings are.</summary>
    public const string Section = "GitHub";

    /// <summary>The forge's name in identities; two GitHubs never share one. Default: <c>github.com</c>.</summary>
    [RegularExpression("^[a-z0-9.-]{1,64}$")]
    public string Forge { get; set; } = "github.com";

    /// <summary>REST base address; GitHub Enterprise Server's ends in <c>/api/v3</c>. Default: <c>https://api.github.com</c>.</summary>
    public Uri ApiUrl { get; set; } = new("https://api.github.com");

    /// <summary>Base address that <c>owner/name.git</c> is fetched from. Default: <c>https://github.com</c>.</summary>
    public Uri GitUrl { get; set; } = new("https://github.com");

    /// <summary>The App's id, as its settings page shows it.</summary>
    public string? AppId { get; set; }

    /// <summary>The App's private key as PEM; wins over <see cref="PrivateKeyPath"/>.</summary>
    public string? PrivateKey { get; set; }

    /// <summary>A file that holds the App's private key as PEM.</summary>
    public string? PrivateKeyPath { get; set; }

    /// <summary>Least time between two writes of one installation. GitHub asks for a second; 0 suits only an emulator. Default: 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan WriteSpacing { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether an App is configured.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(AppId);
}
