using System.ComponentModel.DataAnnotations;
using System.Data.Common;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentPlatform.Streams;

/// <summary>How one consumer reads its stream. Bound from <c>Streams:Consumers:{stream}</c>.</summary>
public sealed class StreamConsumerOptions
{
    /// <summary>Handler calls at a time. Default: 8.</summary>
    [Range(1, 1_024)]
    public int ConcurrencyMax { get; set; } = 8;

    /// <summary>Entries in one handler call. Default: 1.</summary>
    [Range(1, 1_024)]
    public int BatchMax { get; set; } = 1;

    /// <summary>Entries that wait here for another attempt; when there are so many, no new ones are read. Default: 64.</summary>
    [Range(1, 10_000)]
    public int WaitingMax { get; set; } = 64;

    /// <summary>Deliveries after which an entry that still fails is given up; deliveries to processes that died count. Default: 5.</summary>
    [Range(1, 100)]
    public int DeliveriesMax { get; set; } = 5;

    /// <summary>The pause before the second attempt; it doubles with each further one, with jitter. Default: 500 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest pause between attempts. Default: 30 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "01:00:00")]
    public TimeSpan RetryDelayMax { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence after which a consumer counts as dead and its entries are taken over. A living one renews three times as often. Default: 15 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "01:00:00")]
    public TimeSpan ReclaimIdle { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Entries taken over in one step. Default: 64.</summary>
    [Range(1, 1_000)]
    public int ReclaimPage { get; set; } = 64;

    /// <summary>The first pause after which the consumer looks by itself, should a nudge be lost; it doubles while nothing comes. Default: 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FallbackInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest such pause. Default: 10 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "01:00:00")]
    public TimeSpan FallbackIntervalMax { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long handlers may finish what they began when the process stops. Default: 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:05:00")]
    public TimeSpan StopGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Silence after which a consumer that holds nothing is forgotten. Default: 1 h.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "7.00:00:00")]
    public TimeSpan ForgetAfter { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether this consumer trims what every group has acknowledged. Right where handlers record before they return. Default: true.</summary>
    public bool TrimAcknowledged { get; set; } = true;

    /// <summary>
    /// Tells an outage, which is nobody's fault, from a failure of the entry. An outage is waited out and never leads to the dead letters.
    /// Default: connection faults of Redis and transient faults of a database, also as inner exceptions.
    /// </summary>
    public Func<Exception, bool> IsOutage { get; set; } = static exception => Chain(exception).Any(static link => link switch
    {
        RedisConnectionException or RedisTimeoutException or StreamTimeoutException => true,
        DbException database => database.IsTransient,
        _ => false,
    });

    /// <summary>The least pause before another attempt after an exception: a service that limits its callers says how long. Default: none.</summary>
    public Func<Exception, TimeSpan> PauseMin { get; set; } = static _ => TimeSpan.Zero;

    private static IEnumerable<Exception> Chain(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            yield return exception;
        }
    }
}

internal sealed class StreamConsumerOptionsValidator(string consumer, string section) : IValidateOptions<StreamConsumerOptions>
{
    public ValidateOptionsResult Validate(string? name, StreamConsumerOptions options)
    {
        if (!string.Equals(name, consumer, StringComparison.Ordinal))
        {
            return ValidateOptionsResult.Skip;
        }

        var failures = new List<string>();
        OptionsRanges.Check(options, section, failures);
        if (options.RetryDelay > options.RetryDelayMax)
        {
            failures.Add($"{section}:{nameof(options.RetryDelay)} is at most {nameof(options.RetryDelayMax)}.");
        }

        if (options.FallbackInterval > options.FallbackIntervalMax)
        {
            failures.Add($"{section}:{nameof(options.FallbackInterval)} is at most {nameof(options.FallbackIntervalMax)}.");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }
}
