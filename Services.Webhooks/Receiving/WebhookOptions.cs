using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Services.Webhooks.Receiving;

/// <summary>What is taken in from GitHub, and within which bounds.</summary>
internal sealed class WebhookOptions
{
    public const string Section = "Webhooks:GitHub";

    /// <summary>The most secrets that live side by side: each costs a hash over the body.</summary>
    public const int SecretsMax = 8;

    /// <summary>
    /// The webhook secrets that are accepted. Several live at once, so that one can be replaced without a pause; those of the comma-separated
    /// <c>GITHUB_WEBHOOK_SECRET</c> count too. Without any the service does not start.
    /// </summary>
    public IList<string> Secrets { get; } = [];

    /// <summary>The largest payload, in bytes. Default: 25 MiB; GitHub sends no more than 25 MB.</summary>
    [Range(1_024, 256L * 1_024 * 1_024)]
    public long BodyMax { get; set; } = 25L * 1_024 * 1_024;

    /// <summary>The most bytes of payloads in memory at a time, over all requests. Beyond it, requests are answered 503. Default: 128 MiB.</summary>
    [Range(1_024, 8L * 1_024 * 1_024 * 1_024)]
    public long BodiesInFlightMax { get; set; } = 128L * 1_024 * 1_024;

    /// <summary>How long the largest payload may take to arrive; smaller ones get as much less, but 5 s at least. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:02", "00:10:00")]
    public TimeSpan BodyTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The most deliveries that wait for their commit. Beyond it, requests are answered 503. Default: 1,024.</summary>
    [Range(1, 100_000)]
    public int QueueMax { get; set; } = 1_024;

    /// <summary>The most deliveries in one commit. Default: 128.</summary>
    [Range(1, 1_000)]
    public int CommitMax { get; set; } = 128;

    /// <summary>How long a commit may take before its requests are answered 503. GitHub waits for 10 s. Default: 8 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan CommitTimeout { get; set; } = TimeSpan.FromSeconds(8);

    /// <summary>
    /// How long the same body under another GUID counts as a copy. The signature covers only the body, so a captured one can come again under any GUID. Default: 1 day.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "30.00:00:00")]
    public TimeSpan CopyWindow { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long settled deliveries are kept. GitHub redelivers within 3 days. Default: 30 days.</summary>
    [Range(typeof(TimeSpan), "3.00:00:00", "3650.00:00:00")]
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);
}

internal sealed class WebhookOptionsValidator : IValidateOptions<WebhookOptions>
{
    public ValidateOptionsResult Validate(string? name, WebhookOptions options)
    {
        var failures = new List<string>();
        if (options.Secrets.Count == 0)
        {
            failures.Add($"{WebhookOptions.Section}:Secrets:0 (or GITHUB_WEBHOOK_SECRET) is the webhook's secret: without one nothing that arrives can be trusted.");
        }

        if (options.Secrets.Count > WebhookOptions.SecretsMax)
        {
            failures.Add($"{WebhookOptions.Section}:Secrets holds at most {WebhookOptions.SecretsMax} secrets.");
        }

        if (options.Secrets.Any(string.IsNullOrWhiteSpace))
        {
            failures.Add($"{WebhookOptions.Section}:Secrets holds an empty secret.");
        }

        var results = new List<ValidationResult>();
        if (!Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true))
        {
            failures.AddRange(results.Select(result => $"{WebhookOptions.Section}:{result.MemberNames.FirstOrDefault()}: {result.ErrorMessage}"));
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
