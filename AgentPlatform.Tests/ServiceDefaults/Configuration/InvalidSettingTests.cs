using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Configuration;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.Tests.ServiceDefaults.Configuration;

public sealed class InvalidSettingTests
{
    [Theory]
    [InlineData("ServiceIdentity:Secret", "", "ServiceIdentity:Secret must be a random text of at least 22 characters")]
    [InlineData("ServiceIdentity:Secret", "short", "ServiceIdentity:Secret must be a random text of at least 22 characters")]
    [InlineData("ServiceIdentity:TrustedKeys:host-7", "{}", "ServiceIdentity:TrustedKeys:host-7 must be a JSON Web Key Set")]
    [InlineData("Management:Port", "many", "Management:Port must be a port number, 0 to 65535")]
    [InlineData("Management:Address", "somewhere", "Management:Address must be an IP address")]
    [InlineData("Shutdown:DrainTimeout", "01:00:00", "Shutdown:DrainTimeout must be from 00:00:01 to 00:01:00")]
    [InlineData("Shutdown:NoticeDelay", "soon", "Failed to convert configuration value 'soon' at 'Shutdown:NoticeDelay' to type 'System.TimeSpan'")]
    [InlineData("ForwardedHeaders:KnownNetworks", "10.0.0.0", "ForwardedHeaders:KnownNetworks must be a comma-separated list of networks")]
    [InlineData("ConnectionStrings:redis", " ", "ConnectionStrings:redis is not set. Set it, or Redis:Endpoint")]
    public async Task AnInvalidSettingStopsTheStartWithOneMessageThatNamesIt(string key, string value, string message)
    {
        await using var app = TestService.Build(
            builder =>
            {
                builder.AddServiceAuthentication(ServiceNames.Scheduler);
                builder.Services.RequireConnection(ConnectionStrings.Redis);
            },
            map: null, ServiceNames.Scheduler, "Production", key.EndsWith("redis", StringComparison.Ordinal) ? [(key, value)] : [("ConnectionStrings:redis", "given"), (key, value)]);

        Assert.StartsWith(message, Assert.Single(ServiceRunExtensions.InvalidSettingsOf(app.Services)), StringComparison.Ordinal);
        Assert.Equal(78, await app.RunServiceAsync());
    }
}
