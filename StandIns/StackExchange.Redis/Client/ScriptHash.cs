using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace StackExchange.Redis;

/// <summary>The names by which a server knows scripts.</summary>
internal static class ScriptHash
{
    private const int ScriptsMax = 1024;
    private static readonly ConcurrentDictionary<string, string> Known = new(StringComparer.Ordinal);

    public static string Of(string script)
    {
        if (Known.TryGetValue(script, out var hash))
        {
            return hash;
        }

#pragma warning disable CA5350 // Redis names scripts by their SHA-1; nothing is protected by it.
        hash = Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(script)));
#pragma warning restore CA5350
        if (Known.Count < ScriptsMax)
        {
            Known.TryAdd(script, hash);
        }

        return hash;
    }
}
