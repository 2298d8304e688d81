using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

/// <summary>
/// An app host that calls the whole documented surface as people write it: that the calls compile, and mean the overload that
/// they mean on Aspire, is the point.
/// </summary>
public sealed class ContractSurfaceTests : IDisposable
{
    private static readonly AsyncLocal<string?> WebProjectPath = new();
    private readonly HostingDirectory _directory = new();
    private readonly IDistributedApplicationBuilder _builder;

    public ContractSurfaceTests() => _builder = _directory.CreateBuilder();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task ProjectsAreAddedInEveryWay()
    {
        WebProjectPath.Value = Path.GetFullPath(_directory.AddWebProject("Web"), _directory.AppHost);
        Assert.NotEmpty(_builder.AddProject<WebProject>("a").Resource.Endpoints());
        Assert.Empty(_builder.AddProject<WebProject>("b", launchProfileName: null).Resource.Endpoints());
        Assert.NotEmpty(_builder.AddProject<WebProject>("c", "http").Resource.Endpoints());
        Assert.Empty(_builder.AddProject<WebProject>("d", options => options.ExcludeLaunchProfile = true).Resource.Endpoints());
        Assert.NotEmpty(_builder.AddProject("e", "../Web/Web.csproj").Resource.Endpoints());
        Assert.Empty(_builder.AddProject("f", "../Web/Web.csproj", (string?)null).Resource.Endpoints());
        Assert.Empty(_builder.AddProject("g", @"..\Web\Web.csproj", options => options.ExcludeLaunchProfile = true).Resource.Endpoints());

        var environment = await _builder.AddProject<WebProject>("h").WithReplicas(2).EnvironmentAsync(("http", 1));
        Assert.Equal("http://localhost:1", environment["ASPNETCORE_URLS"]);
    }

    [Fact]
    public async Task VariablesTakeEveryKindOfValue()
    {
        var endpoint = _builder.AddContainer("api", "image").WithHttpEndpoint().Allocate("http", 1).GetEndpoint("http");
        var parameter = _builder.AddParameter("level", "3");
        var connection = _builder.AddConnectionString("db", ReferenceExpression.Create($"Server=x"));
        var environment = await _builder.AddContainer("web", "image", "1")
            .WithEnvironment("TEXT", "a")
            .WithEnvironment("INTERPOLATED", $"{endpoint}/{parameter}")
            .WithEnvironment("EXPRESSION", ReferenceExpression.Create($"{parameter}"))
            .WithEnvironment("FUNCTION", () => "b")
            .WithEnvironment("ENDPOINT", endpoint)
            .WithEnvironment("PARAMETER", parameter)
            .WithEnvironment("CONNECTION", connection)
            .WithEnvironment(context => context.EnvironmentVariables["MODE"] = context.ExecutionContext.IsRunMode ? "run" : "publish")
            .WithEnvironment(async context =>
            {
                await Task.Yield();
                context.EnvironmentVariables["RESOURCE"] = context.Resource.Name;
            })
            .EnvironmentAsync();

        Assert.Equal(
            "TEXT=a INTERPOLATED=http://localhost:1/3 EXPRESSION=3 FUNCTION=b ENDPOINT=http://localhost:1 PARAMETER=3 CONNECTION=Server=x MODE=run RESOURCE=web",
            string.Join(' ', environment.Select(variable => $"{variable.Key}={variable.Value}")));
    }

    [Fact]
    public async Task ArgumentsTakeEveryKindOfValue()
    {
        var endpoint = _builder.AddContainer("api", "image").WithHttpEndpoint().Allocate("http", 1).GetEndpoint("http");
        var tool = _builder.AddExecutable("tool", "make", ".", "a", "b")
            .WithArgs("c").WithArgs("d", endpoint)
            .WithArgs(context => context.Args.Add("e"))
            .WithArgs(context =>
            {
                context.Args.Add("f");
                return Task.CompletedTask;
            });
        Assert.Equal("a b c d http://localhost:1 e f", string.Join(' ', (await tool.ConfigurationAsync()).Arguments));
        Assert.Equal(["http://localhost:1"], (await _builder.AddExecutable("tool2", "make", ".", [endpoint]).ConfigurationAsync()).Arguments);
    }

    [Fact]
    public async Task ParametersAreAddedInEveryWay()
    {
        _builder.Configuration["Parameters:a"] = "1";
        IResourceBuilder<ParameterResource>[] parameters =
        [
            _builder.AddParameter("a"),
            _builder.AddParameter("b", "2"),
            _builder.AddParameter("c", "3", publishValueAsDefault: true),
            _builder.AddParameter("d", () => "4", secret: true),
        ];
        Assert.Equal("1234", string.Concat(await Task.WhenAll(parameters.Select(parameter => parameter.Resource.GetValueAsync().AsTask()))));
        Assert.True(_builder.AddParameter("e", secret: true).Resource.Secret);
        Assert.True(_builder.AddParameter("f", new GenerateParameterDefault(), secret: true, persist: true).Resource.Secret);
    }

    [Fact]
    public async Task LinksAreAddedAndChanged()
    {
        var web = _builder.AddContainer("web", "image").WithHttpEndpoint().Allocate("http", 1)
            .WithUrl("https://docs.example", "Documentation")
            .WithUrlForEndpoint("http", url => url.DisplayText = "Console")
            .WithUrlForEndpoint("http", endpoint => new ResourceUrlAnnotation { Url = "/admin", DisplayText = "Admin", DisplayOrder = 2 });

        List<ResourceUrlAnnotation> urls = [new() { Url = web.GetEndpoint("http").Url, Endpoint = web.GetEndpoint("http") }];
        urls.AddRange(web.Resource.Annotations.OfType<ResourceUrlAnnotation>());
        foreach (var annotation in web.Resource.Annotations.OfType<ResourceUrlsCallbackAnnotation>())
        {
            await annotation.Callback(urls, web.Resource);
        }

        Assert.Equal(
            [("http://localhost:1", "Console"), ("https://docs.example", "Documentation"), ("/admin", "Admin")],
            urls.Select(url => (url.Url, url.DisplayText)));
        Assert.Equal("http", urls[2].Endpoint!.EndpointName);
    }

    [Fact]
    public void EverythingElseOfTheSurfaceLeavesItsMark()
    {
        var parent = _builder.AddContainer("parent", "image");
        var web = _builder.AddContainer("web", "image")
            .WithEndpoint(port: 1, targetPort: 2, scheme: "tcp", name: "raw", env: "RAW", isProxied: false)
            .WithHttpsEndpoint().WithHealthCheck("ready").WithExplicitStart().WithParentRelationship(parent)
            .WithImage("other").WithImageTag("2").WithContainerName("box").WithLifetime(ContainerLifetime.Persistent)
            .WithVolume("v", "/v").WithBindMount(".", "/b", isReadOnly: true).AsHttp2Service().ExcludeFromManifest();

        Assert.False(web.Endpoint("raw").IsProxied);
        Assert.Equal("other:2", web.Resource.Annotations.OfType<ContainerImageAnnotation>().Single().ToString());
        Assert.Equal(2, web.Resource.Annotations.OfType<ContainerMountAnnotation>().Count());
        Assert.Equal(ContainerLifetime.Persistent, web.Resource.Annotations.OfType<ContainerLifetimeAnnotation>().Single().Lifetime);
        Assert.Equal("box", web.Resource.Annotations.OfType<ContainerNameAnnotation>().Single().Name);
        Assert.Single(web.Resource.Annotations.OfType<ExplicitStartupAnnotation>());
        Assert.Single(web.Resource.Annotations.OfType<ExcludedFromManifestAnnotation>());
        Assert.Same(parent.Resource, web.Resource.Annotations.OfType<ResourceRelationshipAnnotation>().Single().Resource);
    }

    [Fact]
    public async Task EventsReachThoseWhoSubscribedInTheirOrder()
    {
        var web = _builder.AddContainer("web", "image").Resource;
        var other = _builder.AddContainer("other", "image").Resource;
        List<string> seen = [];
        _builder.Eventing.Subscribe<ResourceReadyEvent>((ready, _) => Note($"any {ready.Resource.Name}"));
        var own = _builder.Eventing.Subscribe<ResourceReadyEvent>(web, (ready, _) => Note($"own {ready.Resource.Name}"));
        await using var application = _builder.Build();

        await _builder.Eventing.PublishAsync(new ResourceReadyEvent(web, application.Services));
        await _builder.Eventing.PublishAsync(new ResourceReadyEvent(other, application.Services));
        _builder.Eventing.Unsubscribe(own);
        await _builder.Eventing.PublishAsync(new ResourceReadyEvent(web, application.Services));

        Assert.Equal(["any web", "own web", "any other", "any web"], seen);

        Task Note(string what)
        {
            seen.Add(what);
            return Task.CompletedTask;
        }
    }

    /// <summary>As the build generates it, but for its path: that is the test's.</summary>
    private sealed class WebProject : IProjectMetadata
    {
        public string ProjectPath => WebProjectPath.Value!;
    }
}
