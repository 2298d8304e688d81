using System.Net;
using StackExchange.Redis;

namespace AgentPlatform.Tests.StandIns.Clients.Redis;

public sealed class RedisOptionsTests
{
    [Fact]
    public void AConnectionStringOfAspireIsRead()
    {
        var options = ConfigurationOptions.Parse("redis.internal:6380,user=webhooks,password=a=b/c+d==,ssl=true,abortConnect=false,name=intake,asyncTimeout=700,defaultDatabase=2");

        Assert.Equal(new DnsEndPoint("redis.internal", 6380), Assert.Single(options.EndPoints));
        Assert.Equal(("webhooks", "a=b/c+d=="), (options.User, options.Password));
        Assert.Equal((true, false, "intake", 700, 2), (options.Ssl, options.AbortOnConnectFail, options.ClientName, options.AsyncTimeout, options.DefaultDatabase));
    }

    [Fact]
    public void AnAddressMayLackItsPortOrBeANumber()
    {
        var options = ConfigurationOptions.Parse("localhost,10.0.0.7:7000,[::1]:7001");

        Assert.Equal([new DnsEndPoint("localhost", 6379), new IPEndPoint(IPAddress.Parse("10.0.0.7"), 7000), new IPEndPoint(IPAddress.IPv6Loopback, 7001)], options.EndPoints);
    }

    [Theory]
    [InlineData("localhost,frobnicate=1")]
    [InlineData("localhost,ssl=perhaps")]
    [InlineData("localhost,asyncTimeout=soon")]
    public void WhatIsNotUnderstoodIsAnError(string text) => Assert.ThrowsAny<ArgumentException>(() => ConfigurationOptions.Parse(text));

    [Fact]
    public void ThePasswordIsShownOnlyOnRequest()
    {
        var options = ConfigurationOptions.Parse("localhost,user=u,password=secret");

        Assert.DoesNotContain("secret", options.ToString(includePassword: false), StringComparison.Ordinal);
        Assert.Contains("password=secret", options.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void ValuesAreEqualWhenTheirBytesAre()
    {
        Assert.Equal((RedisValue)12, (RedisValue)"12");
        Assert.Equal(((RedisValue)12).GetHashCode(), ((RedisValue)"12"u8.ToArray()).GetHashCode());
        Assert.NotEqual((RedisValue)"", RedisValue.Null);
        Assert.Equal(0, (long)RedisValue.Null);
        Assert.Throws<InvalidCastException>(() => (long)(RedisValue)"twelve");
    }
}
