using System.Text;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

public sealed class XxHash32Tests
{
    [Theory]
    [InlineData("", 0x02cc5d05u)]
    [InlineData("a", 0x550d7456u)]
    [InlineData("abc", 0x32d153ffu)]
    [InlineData("Nobody inspects the spammish repetition", 0xe2293b2fu)]
    [InlineData("{redis.bindings.tcp.tlsEnabled},ssl=trueTrue", 0xd148d83au)]
    public void TheHashIsThePublishedOne(string text, uint hash) => Assert.Equal(hash, XxHash32.Compute(Encoding.UTF8.GetBytes(text)));
}
