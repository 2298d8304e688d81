using System.Text.Json;

namespace AgentPlatform.ServiceDefaults.Identity.Tokens;

/// <summary>An issuer's public keys by id.</summary>
internal static class KeySet
{
    private const int KeysMax = 16;

    /// <returns>Null if the text is no key set; keys of other kinds are left out.</returns>
    public static IReadOnlyDictionary<string, VerificationKey>? Parse(string json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, KeysJsonContext.Default.JsonWebKeySet) is { Keys: { } keys } ? Of(keys) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static IReadOnlyDictionary<string, VerificationKey> Of(IEnumerable<JsonWebKey> keys)
    {
        var byId = new Dictionary<string, VerificationKey>(StringComparer.Ordinal);
        foreach (var key in keys.Take(KeysMax).Select(VerificationKey.Of).OfType<VerificationKey>())
        {
            // By the thumbprint, not by the id that the set gives: nobody chooses the name under which a key is found.
            byId.TryAdd(key.Id, key);
        }

        return byId;
    }
}
