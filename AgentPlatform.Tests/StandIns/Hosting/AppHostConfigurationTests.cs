using Aspire.Hosting;
using Aspire.Hosting.Configuration;
using Microsoft.Extensions.Hosting;

namespace AgentPlatform.Tests.StandIns.Hosting;

public sealed class AppHostConfigurationTests : IDisposable
{
    private readonly HostingDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("line", "dotnet", "aspire", "line")]
    [InlineData(null, "dotnet", "aspire", "dotnet")]
    [InlineData(null, null, "aspire", "aspire")]
    [InlineData(null, null, null, null)]
    public void TheEnvironmentIsTheNearestOne(string? commandLine, string? dotnet, string? aspire, string? expected) =>
        Assert.Equal(
            expected,
            AppHostConfiguration.EnvironmentName(
                commandLine is null ? [] : ["--environment", commandLine],
                variable => variable switch { "DOTNET_ENVIRONMENT" => dotnet, "ASPIRE_ENVIRONMENT" => aspire, _ => null }));

    [Fact]
    public void TheCommandLineChoosesTheEnvironment() =>
        Assert.True(_directory.CreateBuilder("--environment", "Staging").Environment.IsStaging());

    [Fact]
    public void AppSettingsOfTheAppHostAreReadForItsEnvironmentAndYieldToTheCommandLine()
    {
        File.WriteAllText(Path.Combine(_directory.AppHost, "appsettings.json"), """{ "A": "base", "B": "base", "C": "base" }""");
        File.WriteAllText(Path.Combine(_directory.AppHost, "appsettings.Staging.json"), """{ "B": "staging", "C": "staging" }""");

        var configuration = _directory.CreateBuilder("--environment", "Staging", "--C", "line").Configuration;

        Assert.Equal(("base", "staging", "line"), (configuration["A"], configuration["B"], configuration["C"]));
    }

    [Theory]
    [InlineData(DistributedApplicationOperation.Run)]
    [InlineData(DistributedApplicationOperation.Run, "--operation", "run")]
    [InlineData(DistributedApplicationOperation.Publish, "--operation", "publish")]
    [InlineData(DistributedApplicationOperation.Publish, "--publisher", "manifest")]
    [InlineData(DistributedApplicationOperation.Publish, "--publisher", "manifest", "--output-path", "m.json")]
    [InlineData(DistributedApplicationOperation.Publish, "--operation=Publish", "--step=publish-manifest")]
    public void TheCommandLineChoosesTheOperation(DistributedApplicationOperation operation, params string[] args)
    {
        var context = _directory.CreateBuilder(args).ExecutionContext;
        Assert.Equal(operation, context.Operation);
        Assert.Equal(operation == DistributedApplicationOperation.Run, context.IsRunMode);
        Assert.Equal(operation == DistributedApplicationOperation.Publish, context.IsPublishMode);
    }

    [Fact]
    public void AnUnknownOperationIsRefused()
    {
        var error = Assert.Throws<DistributedApplicationException>(() => _directory.CreateBuilder("--operation", "fly"));
        Assert.Contains("'fly'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheAppHostsDirectoryIsKnownToModelAndConfiguration()
    {
        var builder = _directory.CreateBuilder();
        Assert.Equal(_directory.AppHost, builder.AppHostDirectory);
        Assert.Equal(_directory.AppHost, builder.Configuration["AppHost:Directory"]);
        Assert.Equal(_directory.AppHost, builder.Environment.ContentRootPath);
    }
}
