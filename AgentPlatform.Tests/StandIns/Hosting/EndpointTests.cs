using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

public sealed class EndpointTests : IDisposable
{
    private readonly HostingDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void AnEndpointIsNamedForItsScheme()
    {
        var web = Container().WithHttpEndpoint().WithHttpsEndpoint().WithEndpoint(targetPort: 7);
        Assert.Equal(["http", "https", "tcp"], web.Resource.Endpoints().Select(endpoint => endpoint.Name));
        Assert.Equal(["http", "http", "tcp"], web.Resource.Endpoints().Select(endpoint => endpoint.Transport));
    }

    [Fact]
    public void TwoEndpointsOfOneNameCollide()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => Container().WithHttpEndpoint(80).WithHttpEndpoint(81));
        Assert.Contains("Endpoint with name 'http' already exists", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEndpointIsChangedWhereItExistsAndElseAddedOnlyWhenAsked()
    {
        var web = Container().WithHttpEndpoint(80)
            .WithEndpoint("HTTP", endpoint => endpoint.Port = 81)
            .WithEndpoint("admin", endpoint => endpoint.Port = 82, createIfNotExists: false);
        Assert.Equal(81, Assert.Single(web.Resource.Endpoints()).Port);

        web.WithEndpoint("admin", endpoint => endpoint.Port = 83);
        Assert.Equal(83, web.Endpoint("admin").Port);
    }

    [Fact]
    public async Task AResourceIsToldItsPortInTheVariableThatItAskedFor()
    {
        var web = Container().WithHttpEndpoint(port: 80, env: "PORT");
        Assert.Equal("4711", (await web.EnvironmentAsync(("http", 4711)))["PORT"]);
    }

    [Fact]
    public void OnlyEndpointsThatExistByThenBecomeExternal()
    {
        var web = Container().WithHttpEndpoint().WithEndpoint(name: "raw").WithExternalHttpEndpoints().WithHttpsEndpoint();
        Assert.Equal([("http", true), ("raw", false), ("https", false)], web.Resource.Endpoints().Select(endpoint => (endpoint.Name, endpoint.IsExternal)));
    }

    [Fact]
    public void AHealthCheckAsksHttpsBeforeHttp()
    {
        Assert.Equal("web_http_/_200_check", Check(Container().WithHttpEndpoint().WithHttpHealthCheck()));
        Assert.Equal("web_https_/live_204_check", Check(Container().WithHttpEndpoint().WithHttpsEndpoint().WithHttpHealthCheck("/live", 204)));
        Assert.Equal("web_admin_/_200_check", Check(Container().WithHttpEndpoint().WithHttpEndpoint(name: "admin").WithHttpHealthCheck(endpointName: "admin")));
    }

    [Fact]
    public void AHealthCheckNeedsAnHttpEndpointThatExistsByThen()
    {
        Assert.Contains(
            "no endpoint was found matching one of the specified names: https, http",
            Assert.Throws<DistributedApplicationException>(() => Container().WithHttpHealthCheck()).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "is not an HTTP endpoint",
            Assert.Throws<DistributedApplicationException>(() => Container().WithEndpoint(name: "raw").WithHttpHealthCheck(endpointName: "raw")).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void AHealthCheckIsAddedOnce() =>
        Assert.Throws<DistributedApplicationException>(() => Container().WithHealthCheck("ready").WithHealthCheck("ready"));

    [Fact]
    public async Task AReferenceWaitsForTheAddressThatItsEndpointGets()
    {
        var web = Container().WithHttpEndpoint();
        var url = web.GetEndpoint("http").GetValueAsync().AsTask();
        Assert.False(url.IsCompleted);

        web.Allocate("http", 8080);

        Assert.Equal("http://localhost:8080", await url.WaitAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal("localhost:8080", await web.GetEndpoint("http").Property(EndpointProperty.HostAndPort).GetValueAsync());
        Assert.Equal("127.0.0.1", await web.GetEndpoint("http").Property(EndpointProperty.IPV4Host).GetValueAsync());
    }

    [Fact]
    public async Task APortThatDiffersForEachReplicaHasNoOneValue()
    {
        var web = Container().WithHttpEndpoint();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await web.GetEndpoint("http").Property(EndpointProperty.TargetPort).GetValueAsync());
        Assert.Contains("differs for each of its replicas", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEndpointThatDoesNotExistNamesItself()
    {
        var error = Assert.Throws<InvalidOperationException>(() => Container().GetEndpoint("nowhere").Url);
        Assert.Equal("The endpoint `nowhere` is not defined for the resource `web`.", error.Message);
    }

    private static string Check(IResourceBuilder<ContainerResource> web) => Assert.Single(web.Resource.Annotations.OfType<HealthCheckAnnotation>()).Key;

    private IResourceBuilder<ContainerResource> Container() => _directory.CreateBuilder().AddContainer("web", "image");
}
