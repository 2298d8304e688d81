using System.Security.Cryptography;
using System.Text;

namespace AgentPlatform.Provisioning.Postgres;

/// <summary>
/// What Postgres keeps of a password (RFC 5803, as Postgres writes it). It is made here, so that the password itself stands in no statement,
/// and thus in no server's log.
/// </summary>
internal static class ScramVerifier
{
    private const int Iterations = 4096; // Postgres' own default (scram_iterations).
    private const int SaltSize = 16;

    public static string Of(string password) => Of(password, RandomNumberGenerator.GetBytes(SaltSize));

    internal static string Of(string password, byte[] salt)
    {
        var salted = Rfc2898DeriveBytes.Pbkdf2(Encoding.ASCII.GetBytes(password), salt, Iterations, HashAlgorithmName.SHA256, SHA256.HashSizeInBytes);
        var stored = SHA256.HashData(HMACSHA256.HashData(salted, "Client Key"u8));
        var server = HMACSHA256.HashData(salted, "Server Key"u8);
        return $"SCRAM-SHA-256${Iterations}:{Convert.ToBase64String(salt)}${Convert.ToBase64String(stored)}:{Convert.ToBase64String(server)}";
    }
}
