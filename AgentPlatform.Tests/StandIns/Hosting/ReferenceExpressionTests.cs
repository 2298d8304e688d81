using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

public sealed class ReferenceExpressionTests : IDisposable
{
    private readonly HostingDirectory _directory = new();
    private readonly IDistributedApplicationBuilder _builder;

    public ReferenceExpressionTests() => _builder = _directory.CreateBuilder();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task AnInterpolatedStringKeepsItsHolesOpen()
    {
        var web = _builder.AddContainer("web", "image").WithHttpEndpoint();
        var secret = _builder.AddParameter("secret", "a b", secret: true);
        var expression = ReferenceExpression.Create($"{web.GetEndpoint("http")}/{"v1"}?key={secret:uri}&{web.GetEndpoint("http").Property(EndpointProperty.Port)}");

        Assert.Equal("{web.bindings.http.url}/v1?key={secret.value}&{web.bindings.http.port}", expression.ValueExpression);
        web.Allocate("http", 81);
        Assert.Equal("http://localhost:81/v1?key=a%20b&81", await expression.GetValueAsync());
    }

    [Fact]
    public async Task BracesInTextStayBraces()
    {
        var value = _builder.AddParameter("value", "{}");
        var expression = ReferenceExpression.Create($"{{\"a\":\"{value}\"}}{"{0}"}");
        Assert.Equal("{\"a\":\"{value.value}\"}{0}", expression.ValueExpression);
        Assert.Equal("{\"a\":\"{}\"}{0}", await expression.GetValueAsync());
    }

    [Fact]
    public async Task AnEnvironmentVariableTakesAnInterpolatedStringWithAnEndpointAsAnExpression()
    {
        var web = _builder.AddContainer("web", "image").WithHttpEndpoint();
        var other = _builder.AddContainer("other", "image")
            .WithEnvironment("URL", $"{web.GetEndpoint("http")}/v1")
            .WithEnvironment("PLAIN", "text")
            .WithEnvironment("COMPUTED", () => "now")
            .WithEnvironment("ENDPOINT", web.GetEndpoint("http"))
            .WithEnvironment("EMPTY", (string?)null);
        web.Allocate("http", 81);

        var environment = await other.EnvironmentAsync();

        Assert.Equal(
            [("URL", "http://localhost:81/v1"), ("PLAIN", "text"), ("COMPUTED", "now"), ("ENDPOINT", "http://localhost:81"), ("EMPTY", "")],
            environment.Select(variable => (variable.Key, variable.Value)));
    }

    [Fact]
    public async Task ArgumentsTakeValuesThatAreKnownLater()
    {
        var web = _builder.AddContainer("web", "image").WithHttpEndpoint();
        var parameter = _builder.AddParameter("level", "3");
        var tool = _builder.AddExecutable("tool", "make", ".", "all")
            .WithArgs(web.GetEndpoint("http"), parameter, ReferenceExpression.Create($"-j{parameter}"))
            .WithArgs(context => context.Args.Insert(0, "-s"));
        web.Allocate("http", 81);

        Assert.Equal(["-s", "all", "http://localhost:81", "3", "-j3"], (await tool.ConfigurationAsync()).Arguments);
    }

    [Fact]
    public void AnUnknownFormatIsRefused()
    {
        var value = _builder.AddParameter("value", "x");
        Assert.Throws<FormatException>(() => ReferenceExpression.Create($"{value:base64}"));
    }

    [Fact]
    public async Task AConditionChoosesItsText()
    {
        var web = _builder.AddContainer("redis", "image").WithEndpoint(name: "tcp");
        var tls = new ConditionalExpression(
            web.GetEndpoint("tcp").Property(EndpointProperty.TlsEnabled), ReferenceExpression.Create($",ssl=true"), ReferenceExpression.Create($""));

        Assert.Equal("{cond-redis-bindings-tcp-tlsenabled-d148d83a.connectionString}", tls.ValueExpression);
        Assert.Equal("", await tls.GetValueAsync());
        web.WithEndpoint("tcp", endpoint => endpoint.TlsEnabled = true);
        Assert.Equal(",ssl=true", await tls.GetValueAsync());
    }
}
