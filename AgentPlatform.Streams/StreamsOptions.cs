using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Streams;

/// <summary>What all streams of a process share.</summary>
public sealed class StreamsOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Streams";

    /// <summary>Stands in every stream's name, so that environments can share a Redis. Default: the host's environment in lowercase.</summary>
    public string Environment { get; set; } = "";

    /// <summary>How long one command to Redis may take before it counts as failed. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most dead letters that a stream keeps; the oldest go first. They report, they are not the truth. Default: 10,000.</summary>
    [Range(1, 1_000_000)]
    public int DeadLettersMax { get; set; } = 10_000;

    /// <summary>The most entries of an event log that its tail holds for readers of this process. Default: 1,024.</summary>
    [Range(1, 100_000)]
    public int TailEntriesMax { get; set; } = 1_024;

    /// <summary>The most bytes that a tail holds. Default: 4 MiB.</summary>
    [Range(1_024, 1_073_741_824)]
    public int TailBytesMax { get; set; } = 4 * 1_024 * 1_024;

    /// <summary>How often a tail looks by itself, for the case that a nudge was lost. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "01:00:00")]
    public TimeSpan TailFallbackInterval { get; set; } = TimeSpan.FromSeconds(5);
}

internal sealed class StreamsOptionsValidator : IValidateOptions<StreamsOptions>
{
    public ValidateOptionsResult Validate(string? name, StreamsOptions options)
    {
        var failures = new List<string>();
        if (!StreamName.IsEnvironment(options.Environment))
        {
            failures.Add($"{StreamsOptions.Section}:{nameof(StreamsOptions.Environment)} is 1 to {StreamName.EnvironmentLengthMax} of a-z, 0-9 and '-'.");
        }

        OptionsRanges.Check(options, StreamsOptions.Section, failures);
        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
