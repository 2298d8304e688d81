using System.Text.Json;
using AgentPlatform.ServiceDefaults.Identity.Tokens;

namespace AgentPlatform.Tests.ServiceDefaults.Identity;

public sealed class SigningKeyTests
{
    private const string Secret = "a-secret-of-good-length-0123456789";

    [Fact]
    public void TwoReplicasShareOneKey()
    {
        using var first = SigningKey.Derive(Secret, "webhooks");
        using var second = SigningKey.Derive(Secret, "webhooks");

        Assert.Equal(first.Id, second.Id);
        Assert.True(second.Public.Verify("data"u8, first.Sign("data"u8)));
    }

    [Fact]
    public void OneSecretInTwoServicesMakesTwoKeys()
    {
        using var webhooks = SigningKey.Derive(Secret, "webhooks");
        using var scheduler = SigningKey.Derive(Secret, "scheduler");

        Assert.NotEqual(webhooks.Id, scheduler.Id);
        Assert.False(scheduler.Public.Verify("data"u8, webhooks.Sign("data"u8)));
    }

    [Fact]
    public void TheDerivationNeverChanges()
    {
        // The value was also computed apart from this code. Another one here means that every running replica's tokens are refused by the next version.
        using var key = SigningKey.Derive(Secret, "webhooks");
        Assert.Equal("qM3PclWj0-krI0MPzMt-RjfgQ_v1k9a_hjWYf20EzKI", key.Id);
    }

    [Fact]
    public void ThePublishedKeyIsEnoughToVerify()
    {
        using var key = SigningKey.Derive(Secret, "webhooks");
        var json = JsonSerializer.Serialize(new JsonWebKeySet([key.Public.ToJsonWebKey()]), KeysJsonContext.Default.JsonWebKeySet);

        var read = KeySet.Parse(json)![key.Id];

        Assert.True(read.Verify("data"u8, key.Sign("data"u8)));
        Assert.DoesNotContain("\"d\"", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB","kid":"x"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-384","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"}]}""")]
    [InlineData("""{"keys":[{"kty":"EC","crv":"P-256","use":"enc","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""")]
    public void AKeyOfAnotherKindOrOffTheCurveIsLeftOut(string json) => Assert.Empty(KeySet.Parse(json)!);

    [Fact]
    public void AKeyIsFoundByItsThumbprintAndNotByAnIdThatItGivesItself()
    {
        // RFC 7638 thumbprint of the key of RFC 7515, appendix A.3.
        var keys = KeySet.Parse(
            """{"keys":[{"kty":"EC","crv":"P-256","kid":"chosen","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}]}""")!;

        Assert.Equal("oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U", Assert.Single(keys).Key);
    }
}
