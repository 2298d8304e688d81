using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

/// <summary>The variables by which one resource learns where another is.</summary>
public sealed class ReferenceTests : IDisposable
{
    private readonly HostingDirectory _directory = new();
    private readonly IDistributedApplicationBuilder _builder;

    public ReferenceTests() => _builder = _directory.CreateBuilder("--Parameters:pg-password", "p@ss");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task AConnectionStringComesWithItsParts()
    {
        var environment = await Web().WithReference(Database()).EnvironmentAsync();

        Assert.Equal(
            [
                ("ConnectionStrings__my-db", "Host=localhost;Port=5432;Username=postgres;Password=p@ss;Database=data"),
                ("MY_DB_HOST", "localhost"),
                ("MY_DB_PORT", "5432"),
                ("MY_DB_USERNAME", "postgres"),
                ("MY_DB_PASSWORD", "p@ss"),
                ("MY_DB_URI", "postgresql://postgres:p%40ss@localhost:5432/data"),
                ("MY_DB_JDBCCONNECTIONSTRING", "jdbc:postgresql://localhost:5432/data"),
                ("MY_DB_DATABASENAME", "data"),
            ],
            environment.Select(variable => (variable.Key, variable.Value)));
    }

    [Fact]
    public async Task AConnectionStringIsPassedUnderAChosenName()
    {
        var environment = await Web().WithReference(Database(), "main").EnvironmentAsync();
        Assert.Contains("ConnectionStrings__main", environment);
        Assert.Contains("MAIN_HOST", environment);
        Assert.DoesNotContain("ConnectionStrings__my-db", environment);
    }

    [Fact]
    public async Task WhatAReferenceWritesIsChosenBeforeItIsMade()
    {
        var database = Database();
        const ReferenceEnvironmentInjectionFlags flags = ReferenceEnvironmentInjectionFlags.ConnectionString | ReferenceEnvironmentInjectionFlags.ServiceDiscovery;

        var chosen = await Web("a").WithReferenceEnvironment(flags).WithReference(database).WithReference(Api("api-a")).EnvironmentAsync();
        Assert.Equal(["ConnectionStrings__my-db", "services__api-a__http__0"], chosen.Keys);

        var late = await Web("b").WithReference(database).WithReferenceEnvironment(flags).EnvironmentAsync();
        Assert.Contains("MY_DB_HOST", late);
    }

    [Fact]
    public async Task NothingIsWrittenWhereNothingWasAskedFor()
    {
        var environment = await Web().WithReferenceEnvironment(ReferenceEnvironmentInjectionFlags.None)
            .WithReference(Database()).WithReference(Api()).WithReference("github", new Uri("https://api.github.com/")).EnvironmentAsync();
        Assert.Empty(environment);
    }

    [Fact]
    public async Task EachEndpointIsFoundByItsSchemeOrItsName()
    {
        var api = Api().WithHttpsEndpoint().WithHttpEndpoint(name: "admin").Allocate("https", 2).Allocate("admin", 3);

        var environment = await Web().WithReference(api).EnvironmentAsync();

        Assert.Equal(
            [
                ("services__api__http__0", "http://localhost:1"), ("API_HTTP", "http://localhost:1"),
                ("services__api__https__0", "https://localhost:2"), ("API_HTTPS", "https://localhost:2"),
                ("services__api__admin__0", "http://localhost:3"), ("API_ADMIN", "http://localhost:3"),
            ],
            environment.Select(variable => (variable.Key, variable.Value)));
    }

    [Fact]
    public async Task TwoEndpointsUnderOneKeyGetTheirOwnIndex()
    {
        // An endpoint named http may speak https: it is found by what it speaks.
        var api = Api().WithHttpsEndpoint().Allocate("https", 2).WithEndpoint("http", endpoint => endpoint.UriScheme = "https");

        var environment = await Web().WithReference(api).EnvironmentAsync();

        Assert.Equal("https://localhost:1", environment["services__api__https__0"]);
        Assert.Equal("https://localhost:2", environment["services__api__https__1"]);
    }

    [Fact]
    public async Task AnIndexThatIsTakenIsLeftAlone()
    {
        var environment = await Web().WithEnvironment("services__api__http__0", "http://mine").WithReference(Api()).EnvironmentAsync();
        Assert.Equal("http://mine", environment["services__api__http__0"]);
        Assert.Equal("http://localhost:1", environment["services__api__http__1"]);
    }

    [Fact]
    public async Task AReferenceToOneEndpointPassesThatOneOnly()
    {
        var api = Api().WithHttpEndpoint(name: "admin").Allocate("admin", 3);
        var environment = await Web().WithReference(api.GetEndpoint("admin")).EnvironmentAsync();
        Assert.Equal(["services__api__admin__0", "API_ADMIN"], environment.Keys);
    }

    [Fact]
    public async Task AServiceIsPassedUnderAChosenName()
    {
        var environment = await Web().WithReference(Api(), "backend").EnvironmentAsync();
        Assert.Equal(["services__backend__http__0", "backend_HTTP"], environment.Keys);
    }

    [Fact]
    public async Task ReferringTwiceWritesOnce()
    {
        var api = Api();
        var environment = await Web().WithReference(api).WithReference(api).WithReference(api.GetEndpoint("http")).EnvironmentAsync();
        Assert.Equal(["services__api__http__0", "API_HTTP"], environment.Keys);
    }

    [Fact]
    public async Task SomethingOutsideIsPassedByItsAddress()
    {
        var environment = await Web().WithReference("git-hub", new Uri("https://api.github.com")).EnvironmentAsync();
        Assert.Equal(
            [("services__git-hub__default__0", "https://api.github.com/"), ("git_hub", "https://api.github.com/")],
            environment.Select(variable => (variable.Key, variable.Value)));
    }

    [Theory]
    [InlineData("/relative")]
    [InlineData("https://api.github.com/path")]
    [InlineData("https://api.github.com/?query=1")]
    [InlineData("https://api.github.com/#fragment")]
    public void AnAddressWithMoreThanItsOriginIsRefused(string uri) =>
        Assert.Throws<InvalidOperationException>(() => Web().WithReference("github", new Uri(uri, UriKind.RelativeOrAbsolute)));

    [Fact]
    public async Task AConnectionStringFromOutsideIsReadFromConfiguration()
    {
        var builder = _directory.CreateBuilder("--ConnectionStrings:legacy", "Server=old");
        var web = builder.AddContainer("web", "image")
            .WithReference(builder.AddConnectionString("legacy"))
            .WithReference(builder.AddConnectionString("named", "NAMED_DB"), optional: true);

        var error = await Assert.ThrowsAsync<MissingParameterValueException>(() => web.EnvironmentAsync());

        Assert.Contains("'ConnectionStrings:named'", error.Message, StringComparison.Ordinal);
        builder.Configuration["ConnectionStrings:named"] = "Server=new";
        var environment = await web.EnvironmentAsync();
        Assert.Equal(("Server=old", "Server=new"), (environment["ConnectionStrings__legacy"], environment["NAMED_DB"]));
    }

    [Fact]
    public async Task AConnectionStringIsPutTogether()
    {
        var api = Api();
        var composed = _builder.AddConnectionString("queue", ReferenceExpression.Create($"Endpoint={api.GetEndpoint("http")};Mode=fast"));
        var environment = await Web().WithReference(composed).WithEnvironment("COPY", composed).EnvironmentAsync();
        Assert.Equal("Endpoint=http://localhost:1;Mode=fast", environment["ConnectionStrings__queue"]);
        Assert.Equal("Endpoint=http://localhost:1;Mode=fast", environment["COPY"]);
    }

    [Fact]
    public void AReferenceIsSeenInTheModel()
    {
        var api = Api();
        var relationship = Assert.Single(Web().WithReference(api).Resource.Annotations.OfType<ResourceRelationshipAnnotation>());
        Assert.Equal(("Reference", api.Resource), (relationship.Type, relationship.Resource));
    }

    private IResourceBuilder<ContainerResource> Web(string name = "web") => _builder.AddContainer(name, "image");

    private IResourceBuilder<ProjectResource> Api(string name = "api") =>
        _builder.AddProject(name, _directory.AddProject(name)).WithHttpEndpoint().Allocate("http", 1);

    private IResourceBuilder<PostgresDatabaseResource> Database() => _builder.AddPostgres("pg").Allocate("tcp", 5432).AddDatabase("my-db", "data");
}
