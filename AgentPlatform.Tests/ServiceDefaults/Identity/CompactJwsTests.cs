using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AgentPlatform.ServiceDefaults.Identity.Tokens;

namespace AgentPlatform.Tests.ServiceDefaults.Identity;

public sealed class CompactJwsTests
{
    // RFC 7515, appendix A.3: an ES256 signature and the key that made it.
    private const string Rfc7515 =
        "eyJhbGciOiJFUzI1NiJ9" +
        ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ" +
        ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

    private static readonly VerificationKey Rfc7515Key = VerificationKey.Of(new JsonWebKey(
        "EC", "P-256", "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0", null, null, null))!;

    [Fact]
    public void TheSignatureOfRfc7515IsAccepted()
    {
        Assert.Equal(TokenRefusal.None, CompactJws.Read(Rfc7515, out var jws));
        Assert.True(jws!.IsSignedBy(Rfc7515Key));
        Assert.Contains("\"joe\"", Encoding.UTF8.GetString(jws.Payload), StringComparison.Ordinal);
    }

    [Fact]
    public void AChangedPayloadIsNotWhatWasSigned()
    {
        var parts = Rfc7515.Split('.');
        parts[1] = Base64Url.EncodeToString("""{"iss":"eve"}"""u8);

        Assert.Equal(TokenRefusal.None, CompactJws.Read(string.Join('.', parts), out var jws));
        Assert.False(jws!.IsSignedBy(Rfc7515Key));
    }

    [Fact]
    public void NoBitOfTheSignatureCanBeChanged()
    {
        var parts = Rfc7515.Split('.');
        var signature = Base64Url.DecodeFromChars(parts[2]);
        for (var bit = 0; bit < signature.Length * 8; bit += 7)
        {
            var changed = signature.ToArray();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Equal(TokenRefusal.None, CompactJws.Read($"{parts[0]}.{parts[1]}.{Base64Url.EncodeToString(changed)}", out var jws));
            Assert.False(jws!.IsSignedBy(Rfc7515Key));
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("None")]
    [InlineData("HS256")]
    [InlineData("ES384")]
    [InlineData("RS256")]
    [InlineData("es256")]
    [InlineData("")]
    public void AnotherAlgorithmIsRefusedWhateverTheSignature(string algorithm)
    {
        var token = Token($$"""{"alg":"{{algorithm}}","kid":"x"}""");
        Assert.Equal(TokenRefusal.WrongAlgorithm, CompactJws.Read(token, out _));
    }

    [Fact]
    public void ThePublicKeyIsNoSecretForAnHmac()
    {
        // The classic confusion: the attacker signs by HS256 with the public key, which everybody has, as the secret.
        var key = Rfc7515Key.ToJsonWebKey();
        var signed = $"{Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8)}.{Base64Url.EncodeToString("""{"iss":"joe"}"""u8)}";
        byte[] secret = [.. Base64Url.DecodeFromChars(key.X), .. Base64Url.DecodeFromChars(key.Y)];
        var mac = HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(signed));

        Assert.Equal(TokenRefusal.WrongAlgorithm, CompactJws.Read($"{signed}.{Base64Url.EncodeToString(mac)}", out _));
    }

    [Theory]
    [InlineData("""{"kid":"x"}""", TokenRefusal.WrongAlgorithm)]
    [InlineData("""{"alg":["ES256"]}""", TokenRefusal.WrongAlgorithm)]
    [InlineData("""{"alg":"ES256","crit":["exp"],"exp":1}""", TokenRefusal.Malformed)]
    [InlineData("""{"alg":"none","alg":"ES256"}""", TokenRefusal.Malformed)]
    [InlineData("""["ES256"]""", TokenRefusal.Malformed)]
    [InlineData("""{"alg":"ES256"} x""", TokenRefusal.Malformed)]
    [InlineData("""{"alg":"ES256",}""", TokenRefusal.Malformed)]
    internal void AHeaderThatIsNotExactIsRefused(string header, TokenRefusal refusal) => Assert.Equal(refusal, CompactJws.Read(Token(header), out _));

    public static TheoryData<string> Misshapen => new()
    {
        "", ".", "..", "a.b", "a.b.c.d",
        Rfc7515 + "=",
        Rfc7515 + " ",
        Rfc7515 + "\n",
        " " + Rfc7515,
        Rfc7515.Replace('-', '+'),
        Rfc7515.Replace(".DtEh", ".", StringComparison.Ordinal)[..^86],

        // The last character holds four bits that mean nothing: only their one canonical spelling is taken.
        Rfc7515[..^1] + "R",
        new string('A', CompactJws.LengthMax + 1),
    };

    [Theory]
    [MemberData(nameof(Misshapen))]
    public void AMisshapenTokenIsRefused(string token) => Assert.Equal(TokenRefusal.Malformed, CompactJws.Read(token, out _));

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(65)]
    [InlineData(70)]
    public void ASignatureOfAnotherSizeIsNone(int size)
    {
        var parts = Rfc7515.Split('.');
        var signature = size == 0 ? "AA" : Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(size));

        Assert.Equal(TokenRefusal.None, CompactJws.Read($"{parts[0]}.{parts[1]}.{signature}", out var jws));
        Assert.False(jws!.IsSignedBy(Rfc7515Key));
    }

    private static string Token(string header) =>
        $"{Base64Url.EncodeToString(Encoding.UTF8.GetBytes(header))}.{Base64Url.EncodeToString("{}"u8)}.{Base64Url.EncodeToString(new byte[64])}";
}
