using AgentPlatform.ServiceDefaults.Identity.Tokens;
using Microsoft.Extensions.Options;

namespace AgentPlatform.ServiceDefaults.Identity;

/// <summary>Who a service is to other services, and whom it believes.</summary>
public sealed class ServiceIdentityOptions
{
    /// <summary>Where the settings are found.</summary>
    public const string Section = "ServiceIdentity";

    /// <summary>The shortest secret that is taken, in characters.</summary>
    public const int SecretLengthMin = 22;

    /// <summary>What the service's key is derived from, at least 22 characters; its own for each service, the same for all its replicas.</summary>
    public string Secret { get; set; } = string.Empty;

    /// <summary>The secret before the last change: its key is still published, so that tokens of replicas not yet replaced are accepted.</summary>
    public string? PreviousSecret { get; set; }

    /// <summary>
    /// Issuers whose keys are given here, as a JSON Web Key Set, instead of being fetched from <c>http://&lt;issuer&gt;/.well-known/service-keys</c>.
    /// For hosts outside the cluster, and for whoever does not want to trust its network.
    /// </summary>
    public Dictionary<string, string> TrustedKeys { get; } = new(StringComparer.Ordinal);
}

internal sealed class ServiceIdentityOptionsValidator : IValidateOptions<ServiceIdentityOptions>
{
    public ValidateOptionsResult Validate(string? name, ServiceIdentityOptions options)
    {
        var failures = new List<string>();
        if (options.Secret.Length < ServiceIdentityOptions.SecretLengthMin)
        {
            failures.Add($"ServiceIdentity:Secret must be a random text of at least {ServiceIdentityOptions.SecretLengthMin} characters, the same for all replicas of the service.");
        }

        if (options.PreviousSecret is { Length: > 0 and < ServiceIdentityOptions.SecretLengthMin })
        {
            failures.Add($"ServiceIdentity:PreviousSecret must be empty or a text of at least {ServiceIdentityOptions.SecretLengthMin} characters.");
        }

        foreach (var (issuer, keys) in options.TrustedKeys)
        {
            if (KeySet.Parse(keys) is not { Count: > 0 })
            {
                failures.Add($"ServiceIdentity:TrustedKeys:{issuer} must be a JSON Web Key Set with at least one P-256 key.");
            }
        }

        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }
}
