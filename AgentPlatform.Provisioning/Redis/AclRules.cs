using System.Security.Cryptography;
using System.Text;

namespace AgentPlatform.Provisioning.Redis;

/// <summary>What a service's Redis user may do: read and write the platform's keys and channels, and nothing about the server.</summary>
internal static class AclRules
{
    /// <summary>The rules for <c>ACL SETUSER</c>, in the order in which Redis applies them, beginning from nothing.</summary>
    public static IReadOnlyList<string> Of(ServiceRole role) =>
    [
        "reset",
        "on",
        $"#{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(role.Password)))}",
        "~ap:*",
        "&ap:*",

        // The client looks at these by itself when it connects.
        "%R~__Booksleeve_TieBreak",
        "&__Booksleeve_MasterChanged",

        "+@read", "+@write", "+@pubsub", "+@scripting", "+@transaction", "+@connection",
        "-@dangerous", "-@admin",

        // These tell of keys, or change programs, that are not the service's own.
        "-scan", "-randomkey", "-dbsize", "-function", "-fcall", "-fcall_ro", "-script|flush", "-script|kill", "-script|debug",

        // The client asks for role and version when it connects.
        "+info",
    ];
}
