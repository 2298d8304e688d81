using System.Net;
using System.Text;
using Services.Wsl2Host.Doors.Registries;
using Services.Wsl2Host.Drivers;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>What the registry door lets through.</summary>
public sealed class RegistryRulesTests
{
    [Theory]
    [InlineData("api.nuget.org", true)]
    [InlineData("API.NuGet.org", true)]
    [InlineData("evil.api.nuget.org", false)]
    [InlineData("api.nuget.org.evil.test", false)]
    [InlineData("api.nuget.org.", false)]
    [InlineData("eu.pkg.dev", true)]
    [InlineData("a.b.pkg.dev", true)]
    [InlineData("pkg.dev", false)]
    [InlineData("evilpkg.dev", false)]
    [InlineData("127.0.0.1", false)]
    [InlineData("localhost", false)]
    [InlineData("2130706433", false)]
    [InlineData("0x7f.1", false)]
    [InlineData("api.nuget.org\0.evil.test", false)]
    [InlineData("", false)]
    public void OnlyNamedHostsAreAllowed(string host, bool allowed) =>
        Assert.Equal(allowed, new RegistryRules(["api.nuget.org", "*.pkg.dev"]).Allows(host));

    [Theory]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("localhost")]
    [InlineData("10.0.0.1")]
    [InlineData("[::1]")]
    [InlineData("host.test:443")]
    [InlineData("https://host.test")]
    [InlineData("a.*.test")]
    [InlineData("0x7f000001")]
    [InlineData("host.1")]
    public void APolicyNamesHostsAndNothingElse(string entry) => Assert.Throws<HostRefusal>(() => new RegistryRules([entry]));

    [Theory]
    [InlineData("8.8.8.8", true)]
    [InlineData("2606:4700::1111", true)]
    [InlineData("127.0.0.1", false)]
    [InlineData("10.1.2.3", false)]
    [InlineData("100.64.0.1", false)]
    [InlineData("169.254.169.254", false)]
    [InlineData("172.31.255.255", false)]
    [InlineData("172.32.0.1", true)]
    [InlineData("192.168.1.1", false)]
    [InlineData("0.0.0.0", false)]
    [InlineData("255.255.255.255", false)]
    [InlineData("224.0.0.1", false)]
    [InlineData("::1", false)]
    [InlineData("::", false)]
    [InlineData("fe80::1", false)]
    [InlineData("fd00:ec2::254", false)]
    [InlineData("::ffff:10.0.0.1", false)]
    [InlineData("64:ff9b::a00:1", false)]
    [InlineData("64:ff9b::808:808", true)]
    [InlineData("2002:a00:1::", false)]
    public void OnlyPublicAddressesAreReached(string address, bool isPublic) => Assert.Equal(isPublic, PublicAddresses.IsPublic(IPAddress.Parse(address)));

    [Theory]
    [InlineData("CONNECT registry.test:443 HTTP/1.1\r\nHost: registry.test\r\n\r\n", "registry.test")]
    [InlineData("CONNECT registry.test:22 HTTP/1.1\r\n\r\n", null)]
    [InlineData("CONNECT 10.0.0.1:443 HTTP/1.1\r\n\r\n", null)]
    [InlineData("CONNECT [::1]:443 HTTP/1.1\r\n\r\n", null)]
    [InlineData("GET http://registry.test/a?b HTTP/1.1\r\nHost: registry.test\r\n\r\n", "registry.test")]
    [InlineData("GET http://user:pass@registry.test/ HTTP/1.1\r\n\r\n", null)]
    [InlineData("GET /relative HTTP/1.1\r\nHost: registry.test\r\n\r\n", null)]
    [InlineData("GET https://registry.test/ HTTP/1.1\r\n\r\n", null)]
    [InlineData("POST http://registry.test/ HTTP/1.1\r\n\r\n", null)]
    [InlineData("PUT http://registry.test/ HTTP/1.1\r\nContent-Length: 1\r\n\r\n", null)]
    [InlineData("GET http://registry.test/ HTTP/1.1\r\nContent-Length: 5\r\n\r\n", null)]
    [InlineData("GET http://registry.test/ HTTP/1.1\r\nTransfer-Encoding : chunked\r\n\r\n", null)]
    [InlineData("GET http://registry.test/ HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", null)]
    [InlineData("GET http://registry.test/ HTTP/1.1\r\n folded: yes\r\n\r\n", null)]
    [InlineData("GET  http://registry.test/ HTTP/1.1\r\n\r\n", null)]
    [InlineData("GET http://registry.test/ HTTP/2.0\r\n\r\n", null)]
    [InlineData("nonsense\r\n\r\n", null)]
    public void OnlyTunnelsAndReadsAreUnderstood(string head, string? host) => Assert.Equal(host, ProxyRequest.Read(Encoding.Latin1.GetBytes(head), out _)?.Host);

    [Fact]
    public void AReadGoesOnWithItsOwnHostAndWithoutWhatIsForTheProxy()
    {
        var request = ProxyRequest.Read(
            "GET http://registry.test:8080?q=1 HTTP/1.1\r\nHost: other.test\r\nProxy-Authorization: secret\r\nConnection: keep-alive\r\nAccept: x\r\n\r\n"u8, out _);

        Assert.Equal("GET /?q=1 HTTP/1.1\r\nHost: registry.test:8080\r\nConnection: close\r\nAccept: x\r\n\r\n", Encoding.ASCII.GetString(request!.Forwarded));
        Assert.Equal(8080, request.Port);
    }
}
