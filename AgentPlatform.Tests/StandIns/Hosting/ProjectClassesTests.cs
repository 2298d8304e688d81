using System.Reflection;
using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Configuration;
using Aspire.Hosting.Parameters;

namespace AgentPlatform.Tests.StandIns.Hosting;

/// <summary>What the build makes of an app host's project references.</summary>
public sealed class ProjectClassesTests
{
    private static readonly Assembly AppHost = typeof(Projects.AgentPlatform_AppHost).Assembly;

    [Fact]
    public void EachProjectOfTheAppHostHasAClassThatKnowsItsFile()
    {
        var project = new Projects.Services_Webhooks();
        Assert.EndsWith(Path.Combine("Services.Webhooks", "Services.Webhooks.csproj"), project.ProjectPath, StringComparison.Ordinal);
        Assert.True(File.Exists(project.ProjectPath), project.ProjectPath);
        Assert.True(project.SuppressBuild);
    }

    [Fact]
    public void TheAppHostHasAClassThatIsNoProjectOfItsOwnApplication()
    {
        Assert.True(File.Exists(Path.Combine(Projects.AgentPlatform_AppHost.ProjectPath, "AgentPlatform.AppHost.csproj")));
        Assert.False(typeof(IProjectMetadata).IsAssignableFrom(typeof(Projects.AgentPlatform_AppHost)));
        Assert.Equal(Projects.AgentPlatform_AppHost.ProjectPath, AppHostAssemblies.ProjectDirectory(AppHost));
        Assert.Equal("AgentPlatform.AppHost.csproj", AppHostAssemblies.Metadata(AppHost, "apphostprojectname"));
    }

    [Fact]
    public void TheBuildRecordsWhereEachProjectsProgramIs()
    {
        var projects = AppHost.GetTypes().Where(type => type.IsAssignableTo(typeof(IProjectMetadata)));
        Assert.NotEmpty(projects);
        Assert.All(projects, type =>
        {
            var project = (IProjectMetadata)Activator.CreateInstance(type)!;
            var output = AppHostAssemblies.Metadata(AppHost, $"apphostprojectoutput:{project.ProjectPath}");
            Assert.True(File.Exists(output), $"{type.Name}: {output}");
        });
    }

    [Fact]
    public void NoCodeOfTheProjectsIsPartOfTheAppHost() =>
        Assert.DoesNotContain(AppHost.GetReferencedAssemblies(), assembly => assembly.Name!.StartsWith("Services.", StringComparison.Ordinal));

    [Theory]
    [InlineData("run", typeof(PersistedParameterDefault))]
    [InlineData("publish", typeof(GenerateParameterDefault))]
    public void AGeneratedPasswordIsKeptInTheAppHostsSecretsForRunsOnly(string operation, Type @default)
    {
        var builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
        {
            AssemblyName = AppHost.GetName().Name,
            Args = ["--operation", operation],
            DisableDashboard = true,
        });
        Assert.IsType(@default, builder.AddPostgres("pg").Resource.PasswordParameter.Default);
    }
}
