using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Checks the ranges of each strategy, then the two rules that hold between strategies. All failures are reported together.</summary>
internal sealed class HttpStandardResilienceOptionsValidator : IValidateOptions<HttpStandardResilienceOptions>
{
    public ValidateOptionsResult Validate(string? name, HttpStandardResilienceOptions options)
    {
        List<string> failures = [];
        AddFailures(nameof(options.RateLimiter), options.RateLimiter, failures);
        AddFailures(nameof(options.TotalRequestTimeout), options.TotalRequestTimeout, failures);
        AddFailures(nameof(options.Retry), options.Retry, failures);
        AddFailures(nameof(options.CircuitBreaker), options.CircuitBreaker, failures);
        AddFailures(nameof(options.AttemptTimeout), options.AttemptTimeout, failures);
        if (failures.Count == 0)
        {
            AddFailuresBetweenStrategies(options, failures);
        }

        return failures.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(failures.Select(failure => $"HTTP resilience '{name}': {failure}"));
    }

    private static void AddFailures(string strategy, object? strategyOptions, List<string> failures)
    {
        if (strategyOptions is null)
        {
            failures.Add($"{strategy} must not be null.");
            return;
        }

        List<ValidationResult> results = [];
        Validator.TryValidateObject(strategyOptions, new ValidationContext(strategyOptions), results, validateAllProperties: true);
        failures.AddRange(results.Select(result => $"{strategy}: {result.ErrorMessage}"));
    }

    private static void AddFailuresBetweenStrategies(HttpStandardResilienceOptions options, List<string> failures)
    {
        var attempt = options.AttemptTimeout.Timeout;
        var total = options.TotalRequestTimeout.Timeout;
        var sampling = options.CircuitBreaker.SamplingDuration;
        if (total <= attempt)
        {
            failures.Add($"TotalRequestTimeout.Timeout ({total}) must be longer than AttemptTimeout.Timeout ({attempt}).");
        }

        if (sampling < 2 * attempt)
        {
            failures.Add($"CircuitBreaker.SamplingDuration ({sampling}) must be at least twice AttemptTimeout.Timeout ({attempt}).");
        }
    }
}
