using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.ServiceDiscovery;

internal sealed class ServiceDiscoveryOptionsValidator : IValidateOptions<ServiceDiscoveryOptions>
{
    public ValidateOptionsResult Validate(string? name, ServiceDiscoveryOptions options)
    {
        if (options.AllowedSchemes is null)
        {
            return ValidateOptionsResult.Fail("ServiceDiscoveryOptions.AllowedSchemes must not be null.");
        }

        return options.RefreshPeriod > TimeSpan.Zero
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail($"ServiceDiscoveryOptions.RefreshPeriod must be positive, but it is {options.RefreshPeriod}.");
    }
}
