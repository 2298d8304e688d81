using System.ComponentModel.DataAnnotations;

namespace AgentPlatform.Emulators.GitHub;

/// <summary>The emulated GitHub: its App, where its webhooks go, and the limits it keeps.</summary>
internal sealed class GitHubOptions
{
    public const string Section = "Emulators:GitHub";

    /// <summary>Path below which everything lies; the API is at <c>{BasePath}/api/v3</c>, as on GitHub Enterprise Server.</summary>
    [RegularExpression("^/[a-z0-9-]+$")]
    public string BasePath { get; set; } = "/github";

    /// <summary>The App's numeric id, the <c>iss</c> of its tokens.</summary>
    [Range(1, int.MaxValue)]
    public long AppId { get; set; } = 1001;

    /// <summary>The App's name in URLs; its bot account is <c>{slug}[bot]</c>.</summary>
    [RegularExpression("^[a-z0-9-]+$")]
    public string AppSlug { get; set; } = "agentplatform";

    /// <summary>
    /// The App's key as PEM, of which only the public part is kept. Without it the App has no key until the control API makes one,
    /// as GitHub's settings page does.
    /// </summary>
    public string? AppPublicKey { get; set; }

    /// <summary>What installations of the App are granted, by GitHub's permission names.</summary>
    public Dictionary<string, string> Permissions { get; } = new(StringComparer.Ordinal)
    {
        ["checks"] = "write",
        ["contents"] = "write",
        ["issues"] = "write",
        ["metadata"] = "read",
        ["pull_requests"] = "write",
        ["statuses"] = "write",
    };

    /// <summary>Where webhooks are sent. Without it every delivery is recorded as one that could not be delivered.</summary>
    [Url]
    public string? WebhookUrl { get; set; }

    /// <summary>The secret that signs deliveries. Without it they carry no signature.</summary>
    public string? WebhookSecret { get; set; }

    /// <summary>How long a receiver may take; GitHub gives 10 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan DeliveryTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Deliveries kept; older ones are forgotten.</summary>
    [Range(1, 100_000)]
    public int DeliveriesMax { get; set; } = 2_000;

    /// <summary>API and git calls kept for inspection.</summary>
    [Range(1, 100_000)]
    public int CallsMax { get; set; } = 5_000;

    /// <summary>The longest a git program may run.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:30:00")]
    public TimeSpan GitTimeout { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Primary and secondary limits.</summary>
    [Required]
    public RateLimitOptions RateLimits { get; set; } = new();
}

/// <summary>
/// GitHub's limits. Zero means no limit of that kind. The secondary ones are off unless they are asked for: they would slow down every
/// test that does much in one minute.
/// </summary>
internal sealed class RateLimitOptions
{
    /// <summary>Requests an hour for one installation; GitHub's figure is the default.</summary>
    [Range(0, 1_000_000)]
    public int RequestsPerHour { get; set; } = 5_000;

    /// <summary>Requests an hour without authentication; GitHub's figure is the default.</summary>
    [Range(0, 1_000_000)]
    public int AnonymousRequestsPerHour { get; set; } = 60;

    /// <summary>Secondary: points a minute, where a read costs 1 and a write 5. GitHub's figure is 900.</summary>
    [Range(0, 1_000_000)]
    public int PointsPerMinute { get; set; }

    /// <summary>Secondary: comments and reviews a minute. GitHub's figure is 80.</summary>
    [Range(0, 1_000_000)]
    public int ContentPerMinute { get; set; }

    /// <summary>Secondary: comments and reviews an hour. GitHub's figure is 500.</summary>
    [Range(0, 1_000_000)]
    public int ContentPerHour { get; set; }

    /// <summary>Secondary: requests at the same time. GitHub's figure is 100.</summary>
    [Range(0, 10_000)]
    public int ConcurrentRequests { get; set; }
}
