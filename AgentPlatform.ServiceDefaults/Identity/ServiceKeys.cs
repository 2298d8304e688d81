using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity.Tokens;
using Microsoft.Extensions.Options;

namespace AgentPlatform.ServiceDefaults.Identity;

/// <summary>This service's own keys: the one it signs with, and those it publishes.</summary>
internal sealed class ServiceKeys : IDisposable
{
    private readonly SigningKey? _previous;

    public ServiceKeys(ServiceInfo service, IOptions<ServiceIdentityOptions> options)
    {
        Current = SigningKey.Derive(options.Value.Secret, service.Name);
        _previous = options.Value.PreviousSecret is { Length: > 0 } previous ? SigningKey.Derive(previous, service.Name) : null;
        Published = new JsonWebKeySet([.. new[] { Current, _previous }.OfType<SigningKey>().Select(key => key.Public.ToJsonWebKey())]);
    }

    public SigningKey Current { get; }

    public JsonWebKeySet Published { get; }

    public void Dispose()
    {
        Current.Dispose();
        _previous?.Dispose();
    }
}
