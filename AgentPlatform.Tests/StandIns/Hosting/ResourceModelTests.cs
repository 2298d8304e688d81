using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace AgentPlatform.Tests.StandIns.Hosting;

public sealed class ResourceModelTests : IDisposable
{
    private readonly HostingDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("a")]
    [InlineData("Web-2")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    public void AValidNameIsTaken(string name) =>
        Assert.Equal(name, _directory.CreateBuilder().AddContainer(name, "image").Resource.Name);

    [Theory]
    [InlineData("1web", "must start with an ASCII letter")]
    [InlineData("-web", "must start with an ASCII letter")]
    [InlineData("web_1", "only ASCII letters, digits, and hyphens")]
    [InlineData("wéb", "only ASCII letters, digits, and hyphens")]
    [InlineData("we--b", "consecutive hyphens")]
    [InlineData("web-", "cannot end with a hyphen")]
    [InlineData("a2345678901234567890123456789012345678901234567890123456789012345", "between 1 and 64")]
    public void AnInvalidNameIsRefusedWithItsRule(string name, string rule)
    {
        var error = Assert.Throws<ArgumentException>(() => _directory.CreateBuilder().AddContainer(name, "image"));
        Assert.Contains(rule, error.Message, StringComparison.Ordinal);
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TwoNamesThatDifferInCaseOnlyCollide()
    {
        var builder = _directory.CreateBuilder();
        builder.AddContainer("web", "image");
        var error = Assert.Throws<DistributedApplicationException>(() => builder.AddParameter("WEB"));
        Assert.Contains("'WEB'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ABuilderOfADatabasePassesForOneOfAnyResourceWithAConnectionString()
    {
        var database = _directory.CreateBuilder().AddPostgres("pg").AddDatabase("db");

        IResourceBuilder<IResourceWithConnectionString> connection = database;
        IResourceBuilder<IResource> resource = connection;

        Assert.Same(database.Resource, resource.Resource);
    }

    [Fact]
    public void AnAnnotationJoinsItsKindOrReplacesIt()
    {
        var web = _directory.CreateBuilder().AddContainer("web", "image");

        web.WithAnnotation(new ResourceUrlAnnotation { Url = "http://a" }).WithAnnotation(new ResourceUrlAnnotation { Url = "http://b" });
        Assert.Equal(["http://a", "http://b"], Urls());

        web.WithAnnotation(new ResourceUrlAnnotation { Url = "http://c" }, ResourceAnnotationMutationBehavior.Replace);
        Assert.Equal(["http://c"], Urls());

        IEnumerable<string> Urls() => web.Resource.Annotations.OfType<ResourceUrlAnnotation>().Select(url => url.Url);
    }

    [Fact]
    public void NothingWaitsForItself()
    {
        var web = _directory.CreateBuilder().AddContainer("web", "image");
        var error = Assert.Throws<DistributedApplicationException>(() => web.WaitFor(web));
        Assert.Equal("The 'web' resource cannot wait for itself.", error.Message);
    }

    [Fact]
    public void AChildDoesNotWaitForItsParent()
    {
        var builder = _directory.CreateBuilder();
        var parent = builder.AddContainer("parent", "image");
        var child = builder.AddResource(new Child("child", parent.Resource));
        var error = Assert.Throws<DistributedApplicationException>(() => child.WaitFor(parent));
        Assert.Equal("The 'child' resource cannot wait for its parent 'parent'.", error.Message);
    }

    [Fact]
    public void WaitingForADatabaseWaitsForItsServerToo()
    {
        var builder = _directory.CreateBuilder();
        var database = builder.AddPostgres("pg").AddDatabase("db");

        var web = builder.AddContainer("web", "image").WaitFor(database);

        Assert.Equal(["pg", "db"], web.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => wait.Resource.Name));
    }

    [Fact]
    public void AWaitKnowsWhatItWaitsForAndWhatToDoWithout()
    {
        var builder = _directory.CreateBuilder();
        var job = builder.AddContainer("job", "image");

        var web = builder.AddContainer("web", "image")
            .WaitForCompletion(job, exitCode: 3)
            .WaitForStart(job)
            .WaitFor(job, WaitBehavior.StopOnResourceUnavailable);

        Assert.Equal(
            [(WaitType.Completed, 3, null), (WaitType.Started, 0, null), (WaitType.Healthy, 0, (WaitBehavior?)WaitBehavior.StopOnResourceUnavailable)],
            web.Resource.Annotations.OfType<WaitAnnotation>().Select(wait => (wait.WaitType, wait.ExitCode, wait.WaitBehavior)));
    }

    [Fact]
    public void PathsAreRelativeToTheAppHost()
    {
        var builder = _directory.CreateBuilder();
        Assert.Equal(Path.Combine(_directory.Root, "tools"), builder.AddExecutable("tool", "make", "../tools").Resource.WorkingDirectory);
    }

    [Fact]
    public void ReplicasCannotBeFewerThanOne()
    {
        var project = _directory.CreateBuilder().AddProject("web", _directory.AddProject("Web"));
        Assert.Throws<ArgumentOutOfRangeException>(() => project.WithReplicas(0));
    }

    [Theory]
    [InlineData("redis", null, null, "redis", "latest")]
    [InlineData("library/redis:7", null, null, "library/redis", "7")]
    [InlineData("quay.io/org/redis:7", null, "quay.io", "org/redis", "7")]
    [InlineData("localhost:5000/redis", "8", "localhost:5000", "redis", "8")]
    public void AnImageIsTakenApart(string image, string? tag, string? registry, string name, string parsedTag)
    {
        var parsed = ContainerImageAnnotation.Parse(image, tag);
        Assert.Equal((registry, name, parsedTag), (parsed.Registry, parsed.Image, parsed.Tag));
    }

    [Fact]
    public void TwoTagsForOneImageAreRefused() =>
        Assert.Throws<InvalidOperationException>(() => ContainerImageAnnotation.Parse("redis:7", "8"));

    private sealed class Child(string name, ContainerResource parent) : ContainerResource(name), IResourceWithParent<ContainerResource>
    {
        public ContainerResource Parent => parent;
    }
}
