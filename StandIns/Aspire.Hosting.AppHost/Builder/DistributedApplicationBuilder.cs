using System.Reflection;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Configuration;
using Aspire.Hosting.Dashboard;
using Aspire.Hosting.Eventing;
using Aspire.Hosting.Publishing;
using Aspire.Hosting.Running;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Aspire.Hosting;

internal sealed class DistributedApplicationBuilder : IDistributedApplicationBuilder
{
    private readonly HostApplicationBuilder _host;
    private readonly AppHostObserver? _observer = AppHostObserver.Current;

    public DistributedApplicationBuilder(DistributedApplicationOptions options)
    {
        var settings = new HostApplicationBuilderSettings();
        _observer?.BuilderConstructing(options, settings);

        AppHostAssembly = AppHostAssemblies.Find(options.AssemblyName);
        AppHostDirectory = options.ProjectDirectory ?? AppHostAssemblies.ProjectDirectory(AppHostAssembly);
        AppHostConfiguration.Prepare(settings, options, AppHostAssembly, AppHostDirectory);
        _host = new HostApplicationBuilder(settings);
        AppHostConfiguration.Complete(_host.Configuration, options, AppHostDirectory);
        ExecutionContext = new DistributedApplicationExecutionContext(AppHostConfiguration.Operation(_host.Configuration));

        Services.AddSingleton(ExecutionContext);
        Services.AddSingleton(Eventing);
        Services.AddSingleton(Options.Create(options));
        Services.AddSingleton(_ => new DistributedApplicationModel(Resources));
        Services.AddAppHostLogging();
        _observer?.BuilderConstructed(this);
    }

    public ConfigurationManager Configuration => _host.Configuration;

    public string AppHostDirectory { get; }

    public Assembly? AppHostAssembly { get; }

    public IHostEnvironment Environment => _host.Environment;

    public IServiceCollection Services => _host.Services;

    public IDistributedApplicationEventing Eventing { get; } = new DistributedApplicationEventing();

    public DistributedApplicationExecutionContext ExecutionContext { get; }

    public IResourceCollection Resources { get; } = new ResourceCollection();

    public IResourceBuilder<T> AddResource<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        if (Resources.FirstOrDefault(other => string.Equals(other.Name, resource.Name, StringComparison.OrdinalIgnoreCase)) is { } existing)
        {
            throw new DistributedApplicationException(
                $"Cannot add resource of type '{resource.GetType()}' with name '{resource.Name}' because resource of type '{existing.GetType()}' with that name already exists. Resource names are case-insensitive.");
        }

        Resources.Add(resource);
        return CreateResourceBuilder(resource);
    }

    public IResourceBuilder<T> CreateResourceBuilder<T>(T resource)
        where T : IResource
    {
        ArgumentNullException.ThrowIfNull(resource);
        return new ResourceBuilder<T>(this, resource);
    }

    public DistributedApplication Build()
    {
        _observer?.ApplicationBuilding(this);

        if (ExecutionContext.IsPublishMode)
        {
            Services.AddSingleton<ManifestPublisher>();
        }
        else
        {
            Services.AddHostedService<ApplicationLifecycle>();
            // Before the resources, so that it ends after them and takes their last telemetry.
            Services.AddDashboard();
            Services.AddRunning(this);
        }

        var application = new DistributedApplication(_host.Build(), _observer);
        _observer?.ApplicationBuilt(application);
        return application;
    }
}
