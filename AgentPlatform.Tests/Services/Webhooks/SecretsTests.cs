using System.Net;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Tests.Services.Webhooks;

public sealed class SecretsTests : WebhooksTest
{
    [Fact]
    public async Task WithoutASecretTheServiceDoesNotStart()
    {
        await using var app = WebhooksNode.Build(Database, Redis, new() { ["Webhooks:GitHub:Secrets:0"] = null });

        var invalid = Assert.Throws<OptionsValidationException>(() => app.Services.GetRequiredService<IStartupValidator>().Validate());

        Assert.Contains("Webhooks:GitHub:Secrets:0", Assert.Single(invalid.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASecretIsReplacedWithoutAPause()
    {
        await using var node = await StartAsync();
        var configuration = (IConfigurationRoot)node.Services.GetRequiredService<IConfiguration>();
        async Task<HttpStatusCode> PingAsync(string secret)
        {
            var body = """{"zen":"Design for failure."}"""u8.ToArray();
            using var request = Payloads.Request(body, "ping", signature: Payloads.Sign(body, secret));
            return (await node.SendAsync(request)).Status;
        }

        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.Unauthorized), (await PingAsync(Payloads.Secret), await PingAsync("the next one")));

        configuration["GITHUB_WEBHOOK_SECRET"] = "another, the next one";
        configuration.Reload();
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (await PingAsync(Payloads.Secret), await PingAsync("the next one")));

        configuration["Webhooks:GitHub:Secrets:0"] = "another";
        configuration.Reload();
        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (await PingAsync(Payloads.Secret), await PingAsync("the next one")));
    }
}
