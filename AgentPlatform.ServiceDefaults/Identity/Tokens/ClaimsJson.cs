using System.Text.Json;
using AgentPlatform.Contracts;

namespace AgentPlatform.ServiceDefaults.Identity.Tokens;

/// <summary>Claims as the payload of a token (RFC 7519). Every claim is required, and nothing is read leniently.</summary>
internal static class ClaimsJson
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 4, AllowDuplicateProperties = false };

    public static byte[] Write(ServiceClaims claims)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("iss", claims.Issuer);
            json.WriteString("aud", claims.Audience);
            json.WriteString("sub", claims.Subject);
            json.WriteString("role", claims.Role);
            json.WriteString("scope", string.Join(' ', claims.Scopes));
            json.WriteString("tenant", claims.Tenant.ToString());
            json.WriteNumber("iat", claims.NotBefore.ToUnixTimeSeconds());
            json.WriteNumber("nbf", claims.NotBefore.ToUnixTimeSeconds());
            json.WriteNumber("exp", claims.ExpiresAt.ToUnixTimeSeconds());
            json.WriteString("jti", claims.Id);
            json.WriteEndObject();
        }

        return stream.ToArray();
    }

    /// <returns>Null if a claim is missing or is not what it should be.</returns>
    public static ServiceClaims? Read(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload, Strict);
            var json = document.RootElement;
            return json.ValueKind == JsonValueKind.Object
                && Text(json, "iss") is { } issuer
                && Text(json, "aud") is { } audience
                && Text(json, "sub") is { } subject
                && Text(json, "role") is { } role
                && Text(json, "scope") is { } scope
                && TenantId.TryParse(Text(json, "tenant"), out var tenant)
                && Time(json, "iat") is not null
                && Time(json, "nbf") is { } notBefore
                && Time(json, "exp") is { } expiresAt
                && Text(json, "jti") is { } id
                ? new ServiceClaims(issuer, audience, subject, role, scope.Split(' ', StringSplitOptions.RemoveEmptyEntries), tenant, notBefore, expiresAt, id)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static DateTimeOffset? Time(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var seconds)
        && seconds >= 0 && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? DateTimeOffset.FromUnixTimeSeconds(seconds)
            : null;
}
