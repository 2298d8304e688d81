using System.Text.Json.Nodes;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

public sealed class ManifestTests : IDisposable
{
    private readonly HostingDirectory _directory = new();
    private readonly string _path;

    public ManifestTests() => _path = Path.Combine(_directory.AppHost, "manifest.json");

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task AWholeApplicationIsWrittenToTheLetter()
    {
        var builder = _directory.CreateBuilder("--publisher", "manifest", "--output-path", _path);
        var web = builder.AddProject("web", _directory.AddWebProject("Web")).WithArgs("--x").WithExternalHttpEndpoints().WithReplicas(3);
        var cache = builder.AddRedis("cache").WithDataVolume("cache-data").WithLifetime(ContainerLifetime.Persistent);
        var database = builder.AddPostgres("pg", port: 5433).AddDatabase("db");
        var api = builder.AddProject("api", _directory.AddWebProject("Api")).WithHttpHealthCheck("/health");
        web.WithReference(cache).WithReference(database).WithReference(api.GetEndpoint("http")).WaitFor(api);

        await builder.Build().RunAsync();

        Assert.Equal(ManifestTexts.Whole, File.ReadAllText(_path), ignoreLineEndingDifferences: true);
    }

    [Fact]
    public async Task AProgramIsWrittenWithItsDirectoryCommandAndArguments()
    {
        var manifest = await PublishAsync(builder => builder.AddExecutable("tool", "make", "../tools", "all", "-j2")
            .WithEnvironment("MODE", "fast").WithHttpEndpoint(port: 81, targetPort: 80, env: "PORT"));

        AssertJson(
            """
            {
              "type": "executable.v0", "workingDirectory": "../tools", "command": "make", "args": ["all", "-j2"],
              "env": { "MODE": "fast", "PORT": "{tool.bindings.http.targetPort}" },
              "bindings": { "http": { "scheme": "http", "protocol": "tcp", "transport": "http", "port": 81, "targetPort": 80 } }
            }
            """,
            manifest["tool"]);
    }

    [Fact]
    public async Task AContainerIsWrittenWithItsMounts()
    {
        var manifest = await PublishAsync(builder => builder.AddContainer("box", "quay.io/org/box", "1.2")
            .WithEntrypoint("/bin/run").WithVolume("/scratch").WithVolume("data", "/data", isReadOnly: true).WithBindMount("../conf", "/etc/conf")
            .WithHttpEndpoint(port: 8080));

        AssertJson(
            """
            {
              "type": "container.v0", "image": "quay.io/org/box:1.2", "entrypoint": "/bin/run",
              "bindMounts": [ { "source": "../conf", "target": "/etc/conf", "readOnly": false } ],
              "volumes": [ { "target": "/scratch", "readOnly": false }, { "name": "data", "target": "/data", "readOnly": true } ],
              "bindings": { "http": { "scheme": "http", "protocol": "tcp", "transport": "http", "targetPort": 8080 } }
            }
            """,
            manifest["box"]);
    }

    [Fact]
    public async Task AParameterIsWrittenAsAnInput()
    {
        var manifest = await PublishAsync(builder =>
        {
            builder.AddParameter("plain");
            builder.AddParameter("hidden", secret: true);
            builder.AddParameter("proposed", "blue", publishValueAsDefault: true);
            builder.AddParameter("fixed", "blue");
            builder.AddParameter("made", new GenerateParameterDefault { MinLength = 30, Special = false, MinUpper = 2 }, secret: true, persist: true);
            builder.AddConnectionString("legacy");
            return builder.AddConnectionString("composed", ReferenceExpression.Create($"Color={builder.AddParameter("color")}"));
        });

        AssertJson("""{ "type": "parameter.v0", "value": "{plain.inputs.value}", "inputs": { "value": { "type": "string" } } }""", manifest["plain"]);
        AssertJson("""{ "type": "parameter.v0", "value": "{hidden.inputs.value}", "inputs": { "value": { "type": "string", "secret": true } } }""", manifest["hidden"]);
        AssertJson("""{ "type": "parameter.v0", "value": "{proposed.inputs.value}", "inputs": { "value": { "type": "string", "default": { "value": "blue" } } } }""", manifest["proposed"]);
        AssertJson("""{ "type": "parameter.v0", "value": "{fixed.inputs.value}", "inputs": { "value": { "type": "string" } } }""", manifest["fixed"]);
        AssertJson(
            """
            { "type": "parameter.v0", "value": "{made.inputs.value}", "inputs": { "value": {
              "type": "string", "secret": true, "default": { "generate": { "minLength": 30, "special": false, "minUpper": 2 } } } } }
            """,
            manifest["made"]);
        AssertJson(
            """{ "type": "parameter.v0", "connectionString": "{legacy.value}", "value": "{legacy.inputs.value}", "inputs": { "value": { "type": "string", "secret": true } } }""",
            manifest["legacy"]);
        AssertJson("""{ "type": "value.v0", "connectionString": "Color={color.value}" }""", manifest["composed"]);
    }

    [Fact]
    public async Task AnEncodedCopyFollowsItsParameterOrComesLateWhereItWasNeededLate()
    {
        var manifest = await PublishAsync(builder =>
        {
            var early = builder.AddParameter("early", secret: true);
            var web = builder.AddContainer("web", "image");
            var late = builder.AddParameter("late", secret: true);
            builder.AddParameter("early-uri-encoded");
            return web.WithEnvironment("URL", $"http://{early:uri}:{late:uri}@host");
        });

        // A copy gives way to a resource that has its name already.
        Assert.Equal(["early", "web", "late", "late-uri-encoded", "early-uri-encoded", "early-uri-encoded-1"], manifest.AsObject().Select(resource => resource.Key));
        Assert.Equal("http://{early-uri-encoded-1.value}:{late-uri-encoded.value}@host", (string?)manifest["web"]!["env"]!["URL"]);
        AssertJson("""{ "type": "annotated.string", "value": "{early.value}", "filter": "uri" }""", manifest["early-uri-encoded-1"]);
    }

    [Fact]
    public async Task MoreHttpEndpointsOfAProjectGetPortsThatItIsToldOf()
    {
        var manifest = await PublishAsync(builder => builder.AddProject("web", _directory.AddWebProject("Web"))
            .WithHttpEndpoint(name: "admin").WithHttpEndpoint(targetPort: 8001, name: "metrics").WithHttpEndpoint(name: "probe").AsHttp2Service());

        Assert.Equal(
            "{web.bindings.http.targetPort};{web.bindings.admin.targetPort};{web.bindings.metrics.targetPort};{web.bindings.probe.targetPort}",
            (string?)manifest["web"]!["env"]!["HTTP_PORTS"]);
        AssertJson(
            """
            {
              "http": { "scheme": "http", "protocol": "tcp", "transport": "http2" },
              "https": { "scheme": "https", "protocol": "tcp", "transport": "http2" },
              "admin": { "scheme": "http", "protocol": "tcp", "transport": "http2", "targetPort": 8000 },
              "metrics": { "scheme": "http", "protocol": "tcp", "transport": "http2", "targetPort": 8001 },
              "probe": { "scheme": "http", "protocol": "tcp", "transport": "http2", "targetPort": 8002 }
            }
            """,
            manifest["web"]!["bindings"]);
    }

    [Fact]
    public async Task AProjectThatNoBrowserReachesHasNoBindings()
    {
        var manifest = await PublishAsync(builder => builder.AddProject("job", _directory.AddProject("Job")));
        AssertJson(
            """{ "type": "project.v0", "path": "../Job/Job.csproj", "env": { "OTEL_DOTNET_EXPERIMENTAL_OTLP_RETRY": "in_memory" } }""", manifest["job"]);
    }

    [Fact]
    public async Task APortInAProjectsKestrelConfigurationIsTheOneThatItListensOn()
    {
        var path = _directory.AddProject("Web", appSettings: """{ "Kestrel": { "Endpoints": { "Web": { "Url": "http://localhost:2001" } } } }""");
        var manifest = await PublishAsync(builder => builder.AddProject("web", path));

        Assert.Equal("http://*:{web.bindings.http.targetPort}", (string?)manifest["web"]!["env"]!["Kestrel__Endpoints__http__Url"]);
        Assert.Null(manifest["web"]!["env"]!["HTTP_PORTS"]);
        Assert.Equal((2001, 2001), ((int)manifest["web"]!["bindings"]!["http"]!["targetPort"]!, (int)manifest["web"]!["bindings"]!["https"]!["targetPort"]!));
    }

    [Fact]
    public async Task WhatIsExcludedLeavesNoTraceOfItsOwn()
    {
        var manifest = await PublishAsync(builder =>
        {
            var tool = builder.AddContainer("tool", "image").WithHttpEndpoint().ExcludeFromManifest();
            return builder.AddContainer("web", "image").WithEnvironment("TOOL", tool.GetEndpoint("http"));
        });
        Assert.Equal(["web"], manifest.AsObject().Select(resource => resource.Key));
    }

    [Fact]
    public async Task APathThatIsNoJsonFileIsADirectory()
    {
        var directory = Path.Combine(_directory.Root, "out", "deep");
        var builder = _directory.CreateBuilder("--operation", "publish", "--step", "publish-manifest", "--output-path", directory);
        builder.AddProject("web", _directory.AddProject("Web"));

        await builder.Build().RunAsync();

        var manifest = JsonNode.Parse(File.ReadAllText(Path.Combine(directory, "aspire-manifest.json")))!;
        Assert.Equal("../../Web/Web.csproj", (string?)manifest["resources"]!["web"]!["path"]);
    }

    [Theory]
    [InlineData("'--output-path [path]' option was not specified", "--publisher", "manifest")]
    [InlineData("'--output-path [path]' option was not specified", "--operation", "publish", "--step", "publish-manifest")]
    [InlineData("Step 'publish' needs Aspire itself", "--operation", "publish", "--step", "publish", "--output-path", "out")]
    [InlineData("Step 'publish' needs Aspire itself", "--operation", "publish", "--output-path", "out")]
    [InlineData("Step 'docker' needs Aspire itself", "--publisher", "docker", "--output-path", "out")]
    public async Task WhatCannotBePublishedSaysWhy(string reason, params string[] args)
    {
        var error = await Assert.ThrowsAsync<DistributedApplicationException>(() => _directory.CreateBuilder(args).Build().RunAsync());
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AModelThatCannotBeWrittenLeavesTheOldManifestAlone()
    {
        File.WriteAllText(_path, "old");
        await Assert.ThrowsAsync<InvalidOperationException>(() => PublishAsync(builder => builder.AddContainer("web", "image")
            .WithEnvironment(_ => throw new InvalidOperationException("not today"))));
        Assert.Equal("old", File.ReadAllText(_path));
    }

    [Fact]
    public async Task PublishingAsksForNoValueAndStartsNothing()
    {
        var manifest = await PublishAsync(builder => builder.AddExecutable("tool", "/nowhere/to/be/found", ".")
            .WithEnvironment("KEY", builder.AddParameter("missing", secret: true))
            .WithEnvironment("COMPUTED", $"{builder.AddParameter("computed", () => throw new InvalidOperationException("asked for"))}"));
        Assert.Equal("{missing.value}", (string?)manifest["tool"]!["env"]!["KEY"]);
        Assert.Equal("{computed.value}", (string?)manifest["tool"]!["env"]!["COMPUTED"]);
    }

    private static void AssertJson(string expected, JsonNode? actual) =>
        Assert.Equal(JsonNode.Parse(expected)!.ToJsonString(), actual?.ToJsonString());

    private async Task<JsonNode> PublishAsync(Func<IDistributedApplicationBuilder, object> describe)
    {
        var builder = _directory.CreateBuilder("--publisher", "manifest", "--output-path", _path);
        describe(builder);
        await builder.Build().RunAsync();
        return JsonNode.Parse(File.ReadAllText(_path))!["resources"]!;
    }
}
