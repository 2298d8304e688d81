using System.Text;
using Microsoft.Extensions.Options;

namespace Services.Webhooks.Receiving;

/// <summary>The live secrets, as keys. They follow the configuration while the service runs: a secret is rotated by adding the new one, changing GitHub, and removing the old one.</summary>
internal sealed class WebhookSecrets : IDisposable
{
    private readonly IDisposable? _subscription;
    private volatile byte[][] _keys;

    public WebhookSecrets(IOptionsMonitor<WebhookOptions> options)
    {
        _keys = Encode(options.CurrentValue);
        _subscription = options.OnChange(changed => _keys = Encode(changed));
    }

    /// <summary>The keys at this moment.</summary>
    public IReadOnlyList<byte[]> Keys => _keys;

    public void Dispose() => _subscription?.Dispose();

    private static byte[][] Encode(WebhookOptions options) => [.. options.Secrets.Select(Encoding.UTF8.GetBytes)];
}
