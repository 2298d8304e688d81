using AgentPlatform.Provisioning;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Tests.Provisioning;

public sealed class ProvisioningSettingTests(Provisioned provisioned) : IClassFixture<Provisioned>
{
    [Theory]
    [InlineData("ConnectionStrings:postgres", "", "ConnectionStrings:postgres is not set")]
    [InlineData("ConnectionStrings:redis", "", "ConnectionStrings:redis is not set")]
    [InlineData("Roles:webhooks:Password", "", "Roles:webhooks:Password must be 12 to 128 printable ASCII characters")]
    [InlineData("Roles:webhooks:Password", "short", "Roles:webhooks:Password must be 12 to 128 printable ASCII characters")]
    [InlineData("Roles:gateway:Password", "pässword-with-ümlaut", "Roles:gateway:Password must be 12 to 128 printable ASCII characters")]
    [InlineData("Roles:gateway:ConnectionLimit", "many", "Roles:gateway:ConnectionLimit must be a number from 1 to 10000")]
    [InlineData("Provisioning:Patience", "01:00:00", "Provisioning:Patience must be from 00:00:01 to 00:10:00")]
    public async Task AnInvalidSettingIsNamedAndNothingIsDone(string key, string value, string message)
    {
        Assert.Equal(ProvisioningRun.InvalidSettings, await provisioned.RunAsync((key, value)));
        Assert.Contains(Failures(key, value), failure => failure.StartsWith(message, StringComparison.Ordinal));
    }

    [Fact]
    public async Task AServerThatRefusesTheAdministratorIsNotAskedAgain()
    {
        var (refusal, elapsed) = await MeasureAsync(provisioned.Postgres.ConnectionString.Replace("Password=", "Password=not-", StringComparison.Ordinal));
        Assert.Equal(ProvisioningRun.Failed, refusal);
        Assert.True(elapsed < TimeSpan.FromSeconds(15));
    }

    private async Task<(int Code, TimeSpan Elapsed)> MeasureAsync(string postgres)
    {
        var began = TimeProvider.System.GetTimestamp();
        return (await provisioned.RunAsync(("ConnectionStrings:postgres", postgres)), TimeProvider.System.GetElapsedTime(began));
    }

    private static IEnumerable<string> Failures(string key, string value)
    {
        var configuration = new Microsoft.Extensions.Configuration.ConfigurationManager { [key] = value };
        var options = new ProvisioningOptions();
        options.Read(configuration);
        return new ProvisioningOptionsValidator().Validate(null, options) is ValidateOptionsResult { Failed: true } result ? result.Failures! : [];
    }
}
