using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Eventing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Aspire.Hosting;

/// <summary>Collects the resources of a distributed application and builds the host that runs or publishes them.</summary>
public interface IDistributedApplicationBuilder
{
    /// <summary>The app host's own configuration: appsettings, user secrets (Development only), environment, command line.</summary>
    ConfigurationManager Configuration { get; }

    /// <summary>Absolute directory of the app host's project; relative paths in the model start here.</summary>
    string AppHostDirectory { get; }

    /// <summary>The app host's assembly, which carries its user secrets id.</summary>
    Assembly? AppHostAssembly { get; }

    /// <summary>The app host's environment, Development or other.</summary>
    IHostEnvironment Environment { get; }

    /// <summary>Services of the app host itself.</summary>
    IServiceCollection Services { get; }

    /// <summary>Publishes and takes subscriptions to what happens to the application and its resources.</summary>
    IDistributedApplicationEventing Eventing { get; }

    /// <summary>Whether the application is run or published.</summary>
    DistributedApplicationExecutionContext ExecutionContext { get; }

    /// <summary>The resources added so far, in the order in which they were added.</summary>
    IResourceCollection Resources { get; }

    /// <summary>Adds a resource.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="resource">The resource; its name must be valid and, ignoring case, unique.</param>
    /// <returns>A builder for it.</returns>
    /// <exception cref="DistributedApplicationException">Another resource has that name.</exception>
    IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource;

    /// <summary>Makes a builder for a resource without adding it to the application.</summary>
    /// <typeparam name="T">Type of the resource.</typeparam>
    /// <param name="resource">The resource.</param>
    /// <returns>A builder for it.</returns>
    IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource;

    /// <summary>Builds the application.</summary>
    /// <returns>The application, not yet started.</returns>
    DistributedApplication Build();
}
