using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

/// <summary>Where a project's endpoints come from: its launch profile, its Kestrel configuration, or the app host.</summary>
public sealed class ProjectEndpointTests : IDisposable
{
    private const string TwoProfiles = """
        {
          // Launch settings are JSON with comments.
          "profiles": {
            "IIS": { "commandName": "IISExpress", "applicationUrl": "http://localhost:1000" },
            "first": { "commandName": "Project", "applicationUrl": "http://localhost:1001" },
            "second": { "commandName": "Project", "applicationUrl": "http://localhost:1002" },
          }
        }
        """;

    private readonly HostingDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void TheFirstProfileThatStartsTheProjectIsTheDefault() =>
        Assert.Equal(1001, Http(_directory.CreateBuilder().AddProject("web", _directory.AddProject("Web", TwoProfiles))));

    [Fact]
    public void TheAppHostsOwnProfileIsTakenWhereTheProjectHasIt()
    {
        var path = _directory.AddProject("Web", TwoProfiles);
        Assert.Equal(1002, Http(_directory.CreateBuilder("--DOTNET_LAUNCH_PROFILE", "second").AddProject("web", path)));
        Assert.Equal(1001, Http(_directory.CreateBuilder("--DOTNET_LAUNCH_PROFILE", "other").AddProject("web", path)));
    }

    [Fact]
    public void ANamedProfileStandsAboveTheAppHosts()
    {
        var path = _directory.AddProject("Web", TwoProfiles);
        Assert.Equal(1001, Http(_directory.CreateBuilder("--DOTNET_LAUNCH_PROFILE", "second").AddProject("web", path, "first")));
    }

    [Fact]
    public void ANamedProfileThatIsMissingIsAnError()
    {
        var path = _directory.AddProject("Web", TwoProfiles);
        var error = Assert.Throws<DistributedApplicationException>(() => _directory.CreateBuilder().AddProject("web", path, "third"));
        Assert.Contains("'third' profile", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WithoutAProfileThereAreNoEndpointsAndNoAddresses()
    {
        var none = _directory.CreateBuilder().AddProject("web", _directory.AddProject("Web", TwoProfiles), launchProfileName: null);
        var bare = _directory.CreateBuilder().AddProject("bare", _directory.AddProject("Bare"));

        Assert.Empty(none.Resource.Endpoints());
        Assert.Empty(bare.Resource.Endpoints());
        Assert.DoesNotContain("ASPNETCORE_URLS", await bare.EnvironmentAsync());
        Assert.DoesNotContain("DOTNET_LAUNCH_PROFILE", await none.EnvironmentAsync());
    }

    [Fact]
    public void BrokenLaunchSettingsNameTheirFile()
    {
        var path = _directory.AddProject("Web", "{ nonsense");
        var error = Assert.Throws<DistributedApplicationException>(() => _directory.CreateBuilder().AddProject("web", path));
        Assert.Contains("launchSettings.json", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheSecondAddressOfASchemeIsNumbered()
    {
        var path = _directory.AddWebProject("Web", "https://localhost:1;http://localhost:2;http://localhost:3;http://localhost:4");
        var web = _directory.CreateBuilder().AddProject("web", path);
        Assert.Equal([("https", 1), ("http", 2), ("http2", 3), ("http3", 4)], web.Resource.Endpoints().Select(e => (e.Name, e.Port!.Value)));
    }

    [Fact]
    public async Task AProjectListensOnThePortsOfItsReplicaAndKnowsItsPublicHttpsPort()
    {
        var path = _directory.AddWebProject("Web", "https://localhost:1;http://localhost:2");
        var web = _directory.CreateBuilder().AddProject("web", path).Allocate("https", 1);

        var environment = await web.EnvironmentAsync(("https", 40001), ("http", 40002));

        Assert.Equal("https://localhost:40001;http://localhost:40002", environment["ASPNETCORE_URLS"]);
        Assert.Equal("1", environment["ASPNETCORE_HTTPS_PORT"]);
        Assert.Equal("http", environment["DOTNET_LAUNCH_PROFILE"]);
    }

    [Fact]
    public async Task AnEndpointWithAVariableOfItsOwnIsLeftToTheProjectsCode()
    {
        var web = _directory.CreateBuilder().AddProject("web", _directory.AddWebProject("Web")).WithHttpEndpoint(name: "admin", env: "ADMIN_PORT");

        var environment = await web.EnvironmentAsync(("http", 40001), ("admin", 40002));

        Assert.Equal("http://localhost:40001", environment["ASPNETCORE_URLS"]);
        Assert.Equal("40002", environment["ADMIN_PORT"]);
    }

    [Fact]
    public async Task TheProfilesVariablesYieldToTheAppHosts()
    {
        var path = _directory.AddProject("Web", """
            { "profiles": { "http": { "commandName": "Project", "environmentVariables": { "LOGGING__CONSOLE__FORMATTERNAME": "json", "MODE": "profile", "COLOUR": "red" } } } }
            """);
        var web = _directory.CreateBuilder().AddProject("web", path).WithEnvironment("MODE", "apphost");

        var environment = await web.EnvironmentAsync();

        Assert.Equal(("simple", "apphost", "red"), (environment["LOGGING__CONSOLE__FORMATTERNAME"], environment["MODE"], environment["COLOUR"]));
        Assert.Equal("in_memory", environment["OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY"]);
    }

    [Fact]
    public async Task TheProfilesArgumentsComeBeforeTheAppHosts()
    {
        var path = _directory.AddProject("Web", """
            { "profiles": { "http": { "commandName": "Project", "commandLineArgs": "--name  \"two words\" --quote \\\"a\\\" \"\"" } } }
            """);
        var web = _directory.CreateBuilder().AddProject("web", path).WithArgs("--last");
        Assert.Equal(["--name", "two words", "--quote", "\"a\"", "", "--last"], (await web.ConfigurationAsync()).Arguments);
    }

    [Fact]
    public async Task KestrelsConfigurationTakesThePlaceOfTheProfilesAddresses()
    {
        var path = _directory.AddProject(
            "Web",
            """{ "profiles": { "http": { "commandName": "Project", "applicationUrl": "http://localhost:1001", "environmentVariables": { "MODE": "profile" } } } }""",
            """{ "Kestrel": { "Endpoints": { "Web": { "Url": "http://localhost:2001" }, "Tls": { "Url": "https://*:2002" }, "Grpc": { "Url": "https://localhost:2003", "Protocols": "Http2" } } } }""");
        var web = _directory.CreateBuilder().AddProject("web", path).WithHttpEndpoint(name: "admin");

        Assert.Equal(
            [("http", 2001, "http"), ("Grpc", 2003, "http2"), ("Tls", 2002, "http"), ("admin", 0, "http")],
            web.Resource.Endpoints().OrderBy(e => e.Name == "admin").ThenBy(e => e.UriScheme).ThenBy(e => e.Name).Select(e => (e.Name, e.Port ?? 0, e.Transport)));

        var environment = await web.EnvironmentAsync(("http", 1), ("Tls", 2), ("Grpc", 3), ("admin", 4));
        Assert.DoesNotContain("ASPNETCORE_URLS", environment);
        Assert.Equal("http://localhost:1", environment["Kestrel__Endpoints__http__Url"]);
        Assert.Equal("https://*:2", environment["Kestrel__Endpoints__Tls__Url"]);
        Assert.Equal("https://localhost:3", environment["Kestrel__Endpoints__Grpc__Url"]);
        Assert.Equal("http://*:4", environment["Kestrel__Endpoints__admin__Url"]);
        Assert.Equal("profile", environment["MODE"]);
    }

    [Fact]
    public void KestrelsConfigurationCanBeLeftOut()
    {
        var path = _directory.AddProject(
            "Web",
            """{ "profiles": { "http": { "commandName": "Project", "applicationUrl": "http://localhost:1001" } } }""",
            """{ "Kestrel": { "Endpoints": { "Web": { "Url": "http://localhost:2001" } } } }""");
        Assert.Equal(1001, Http(_directory.CreateBuilder().AddProject("web", path, options => options.ExcludeKestrelEndpoints = true)));
    }

    private static int? Http(IResourceBuilder<ProjectResource> project) => project.Endpoint("http").Port;
}
