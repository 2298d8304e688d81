using System.ComponentModel.DataAnnotations;

namespace Services.Webhooks.HookDeliveries;

/// <summary>Which GitHub, and as which App. Without an App, deliveries are taken in but lost ones are not recovered.</summary>
internal sealed class GitHubOptions
{
    public const string Section = "GitHub";

    /// <summary>The forge's name in identities; two GitHubs never share one. Default: <c>github.com</c>.</summary>
    [RegularExpression("^[a-z0-9.-]{1,64}$")]
    public string Forge { get; set; } = "github.com";

    /// <summary>REST base address; GitHub Enterprise Server's ends in <c>/api/v3</c>.</summary>
    public Uri ApiUrl { get; set; } = new("https://api.github.com");

    /// <summary>The App's id, as its settings page shows it.</summary>
    public string? AppId { get; set; }

    /// <summary>The App's private key as PEM; wins over <see cref="PrivateKeyPath"/>.</summary>
    public string? PrivateKey { get; set; }

    /// <summary>A file that holds the App's private key as PEM.</summary>
    public string? PrivateKeyPath { get; set; }

    /// <summary>Whether an App is configured.</summary>
    public bool IsConfigured => !string.IsNullOrWhiteSpace(AppId) && (!string.IsNullOrWhiteSpace(PrivateKey) || !string.IsNullOrWhiteSpace(PrivateKeyPath));
}
