using System.Text.RegularExpressions;

namespace Services.Sessions.Agents;

/// <summary>
/// Takes secrets out of text that an agent wrote before it is kept or shown: whatever looks like a token of a known kind. The model keys
/// themselves never come near an agent; this is for what it finds in a repository and repeats. It is for plain text: in a JSON document it could take
/// a quotation mark along with a key that does not end. The character 0, which Postgres cannot keep, goes too.
/// </summary>
internal static partial class Redactor
{
    public const string Mark = "[redacted]";

    public static string Redact(string text)
    {
        try
        {
            return SecretPattern().Replace(text, Mark).Replace('\0', '\uFFFD');
        }
        catch (RegexMatchTimeoutException)
        {
            return Mark;
        }
    }

    // GitHub's tokens of today are hundreds of characters with dots; older ones are shorter. A key block is taken as a whole.
    [GeneratedRegex(
        """
        gh[pousr]_[A-Za-z0-9._-]{36,}|github_pat_[A-Za-z0-9_]{22,}|sk-ant-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|A(?:KIA|SIA)[A-Z0-9]{16}|AIza[A-Za-z0-9_-]{35}|-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}
        """,
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 2000)]
    private static partial Regex SecretPattern();
}
