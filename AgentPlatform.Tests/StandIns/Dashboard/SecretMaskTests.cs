using Aspire.Hosting.Dashboard;

namespace AgentPlatform.Tests.StandIns.Dashboard;

public sealed class SecretMaskTests
{
    [Theory]
    [InlineData("POSTGRES_PASSWORD")]
    [InlineData("GITHUB_TOKEN")]
    [InlineData("ServiceIdentity__Secret")]
    [InlineData("GitHub__WebhookSecrets__0")]
    [InlineData("ANTHROPIC_API_KEY")]
    [InlineData("Encryption__Key__Signing_Key")]
    public void ASettingThatIsNamedAsASecretIsMaskedWhole(string name) =>
        Assert.Equal(SecretMask.Mask, new SecretMask().ApplyToSetting(name, "anything"));

    [Theory]
    [InlineData("PWD", "/srv/app")]
    [InlineData("SESSION_TOKEN_BUDGET", "100000")]
    [InlineData("OTEL_SERVICE_NAME", "webhooks")]
    [InlineData("ASPNETCORE_URLS", "http://localhost:5001;http://localhost:5002")]
    [InlineData("services__sessions__http__0", "http://localhost:5001")]
    public void AnOrdinarySettingIsLeftAsItIs(string name, string value) =>
        Assert.Equal(value, new SecretMask().ApplyToSetting(name, value));

    [Theory]
    [InlineData("Host=localhost;Port=5432;Username=postgres;Password=p$w0rd", "Host=localhost;Port=5432;Username=postgres;Password=********")]
    [InlineData("Host=db;Password=\"a;b\";Database=x", "Host=db;Password=********;Database=x")]
    [InlineData("localhost:6379,password=hunter2,ssl=true", "localhost:6379,password=********,ssl=true")]
    [InlineData("redis://:hunter2@localhost:6379", "redis://:********@localhost:6379")]
    [InlineData("postgresql://postgres:p%24w@localhost:5432/db", "postgresql://postgres:********@localhost:5432/db")]
    public void APasswordInAConnectionStringOrAddressIsMaskedAndTheRestStays(string value, string expected) =>
        Assert.Equal(expected, new SecretMask().ApplyToSetting("ConnectionStrings__any", value));

    [Fact]
    public void AKnownSecretIsMaskedWhereverItStandsAlsoEncodedForAnAddress()
    {
        var mask = new SecretMask();
        mask.Add("p@ss word");

        Assert.Equal("login ******** at x?t=********", mask.Apply("login p@ss word at x?t=p%40ss%20word"));
    }

    [Fact]
    public void ASecretThatContainsAnotherIsMaskedAsAWhole()
    {
        var mask = new SecretMask();
        mask.Add("abcd");
        mask.Add("abcdefgh");

        Assert.Equal("******** and ********", mask.Apply("abcdefgh and abcd"));
    }

    [Fact]
    public void AVeryShortSecretIsMaskedOnlyWhereItIsTheWholeValue()
    {
        var mask = new SecretMask();
        mask.Add("a");

        Assert.Equal(SecretMask.Mask, mask.Apply("a"));
        Assert.Equal("banana", mask.Apply("banana"));
    }
}
