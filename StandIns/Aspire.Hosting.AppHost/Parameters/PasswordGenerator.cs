using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Makes random texts from the system's generator; letters that people take for digits (i, l, o) are left out.</summary>
internal static class PasswordGenerator
{
    private const string Lower = "abcdefghjkmnpqrstuvwxyz";
    private const string Upper = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string Numeric = "0123456789";
    private const string Special = "-_.{}~()*+!";

    public static string Generate(GenerateParameterDefault rule)
    {
        (string Characters, int Minimum)[] classes =
        [
            (rule.Lower ? Lower : "", rule.MinLower),
            (rule.Upper ? Upper : "", rule.MinUpper),
            (rule.Numeric ? Numeric : "", rule.MinNumeric),
            (rule.Special ? Special : "", rule.MinSpecial),
        ];

        var alphabet = string.Concat(classes.Select(c => c.Characters));
        if (alphabet.Length == 0 || classes.Any(c => c.Minimum > 0 && c.Characters.Length == 0))
        {
            throw new DistributedApplicationException("A generated value needs at least one class of characters, and each class that it must contain.");
        }

        var required = classes.Where(c => c.Minimum > 0).SelectMany(c => RandomNumberGenerator.GetItems<char>(c.Characters, c.Minimum)).ToArray();
        char[] value = [.. required, .. RandomNumberGenerator.GetItems<char>(alphabet, Math.Max(0, rule.MinLength - required.Length))];
        RandomNumberGenerator.Shuffle(value.AsSpan());
        return new string(value);
    }
}
