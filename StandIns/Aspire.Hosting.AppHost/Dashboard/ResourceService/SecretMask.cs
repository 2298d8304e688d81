using System.Text.RegularExpressions;

namespace Aspire.Hosting.Dashboard;

/// <summary>
/// Keeps secrets out of what the dashboard is told: the values that are known to be secret wherever they stand, variables
/// whose name says that they hold one, and the passwords in connection strings and addresses.
/// </summary>
internal sealed partial class SecretMask
{
    /// <summary>What stands in a secret's place.</summary>
    public const string Mask = "********";

    /// <summary>A shorter secret is masked only where it is the whole value: its letters occur in every text.</summary>
    private const int LengthMin = 4;

    private readonly Lock _lock = new();
    private volatile string[] _secrets = [];

    /// <summary>Makes a value known as a secret, as it is and as it stands in an address.</summary>
    public void Add(string? secret)
    {
        if (string.IsNullOrEmpty(secret) || _secrets.Contains(secret, StringComparer.Ordinal))
        {
            return;
        }

        lock (_lock)
        {
            // The longest first, so that a secret which contains another is replaced as a whole.
            _secrets = [.. _secrets.Append(secret).Append(Uri.EscapeDataString(secret)).Distinct(StringComparer.Ordinal)
                .OrderByDescending(static known => known.Length)];
        }
    }

    /// <summary>A text without the secrets in it.</summary>
    public string Apply(string text)
    {
        var secrets = _secrets;
        foreach (var secret in secrets)
        {
            if (secret.Length >= LengthMin)
            {
                text = text.Replace(secret, Mask, StringComparison.Ordinal);
            }
            else if (text == secret)
            {
                return Mask;
            }
        }

        return text;
    }

    /// <summary>A setting's value without secrets: none of it when the name says that it is one.</summary>
    public string ApplyToSetting(string name, string value)
    {
        if (value.Length > 0 && SecretName().IsMatch(name))
        {
            return Mask;
        }

        return AddressPassword().Replace(ConnectionStringPassword().Replace(Apply(value), Mask), Mask);
    }

    [GeneratedRegex(@"(password|passwd|secret|token|credential|(api|access|private|signing|encryption)_?key)s?(__\d+)?$", RegexOptions.IgnoreCase)]
    private static partial Regex SecretName();

    [GeneratedRegex("""(?<=\b(password|pwd)\s*=\s*)("[^"]*"|'[^']*'|[^;,"']+)""", RegexOptions.IgnoreCase)]
    private static partial Regex ConnectionStringPassword();

    [GeneratedRegex(@"(?<=://[^/?#\s:@]*:)[^/?#\s@]+(?=@)")]
    private static partial Regex AddressPassword();
}
