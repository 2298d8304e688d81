using System.Text;
using Services.Webhooks.Receiving;

namespace AgentPlatform.Tests.Services.Webhooks;

public sealed class SignatureValidatorTests
{
    private const string Published = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";
    private static readonly byte[] Key = Encoding.UTF8.GetBytes(Payloads.Secret);

    [Fact]
    public void GitHubsPublishedSignatureIsValid() => Assert.Equal(SignatureResult.Valid, SignatureValidator.Validate(Published, "Hello, World!"u8, [Key]));

    [Fact]
    public void CapitalDigitsAreTheSameValue() =>
        Assert.Equal(SignatureResult.Valid, SignatureValidator.Validate($"sha256={Published["sha256=".Length..].ToUpperInvariant()}", "Hello, World!"u8, [Key]));

    [Fact]
    public void AnyLiveSecretWill()
    {
        byte[] other = [1, 2, 3];

        Assert.Equal(SignatureResult.Valid, SignatureValidator.Validate(Published, "Hello, World!"u8, [other, Key]));
        Assert.Equal(SignatureResult.Valid, SignatureValidator.Validate(Published, "Hello, World!"u8, [Key, other]));
        Assert.Equal(SignatureResult.Wrong, SignatureValidator.Validate(Published, "Hello, World!"u8, [other]));
    }

    [Fact]
    public void WithoutASecretNothingIsValid() => Assert.Equal(SignatureResult.Wrong, SignatureValidator.Validate(Published, "Hello, World!"u8, []));

    [Fact]
    public void AnyOtherByteInTheBodyIsWrong()
    {
        var body = "Hello, World!"u8.ToArray();
        for (var i = 0; i < body.Length; i++)
        {
            body[i] ^= 1;
            Assert.Equal(SignatureResult.Wrong, SignatureValidator.Validate(Published, body, [Key]));
            body[i] ^= 1;
        }
    }

    [Theory]
    [InlineData(null, SignatureResult.Missing)]
    [InlineData("", SignatureResult.Missing)]
    [InlineData("757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", SignatureResult.Malformed)]
    [InlineData("sha1=757107ea0eb2509fc211221cce984b8a37570b6d", SignatureResult.Malformed)]
    [InlineData("SHA256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", SignatureResult.Malformed)]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e1", SignatureResult.Malformed)]
    [InlineData("sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e177", SignatureResult.Malformed)]
    [InlineData("sha256=g57107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17", SignatureResult.Malformed)]
    [InlineData("sha256=0000000000000000000000000000000000000000000000000000000000000000", SignatureResult.Wrong)]
    public void EverythingElseIsRefused(string? signature, object expected) =>
        Assert.Equal(expected, SignatureValidator.Validate(signature, "Hello, World!"u8, [Key]));
}
