using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Projects;

/// <summary>The variables that make a project listen where its endpoints say.</summary>
internal static class ProjectEnvironment
{
    public static IResourceBuilder<ProjectResource> WithRunEnvironment(this IResourceBuilder<ProjectResource> builder, bool hasKestrelEndpoints)
    {
        builder.WithKestrelUrls();
        return hasKestrelEndpoints ? builder : builder.WithEnvironment(SetAspNetCoreUrls);
    }

    public static IResourceBuilder<ProjectResource> WithPublishEnvironment(this IResourceBuilder<ProjectResource> builder, bool hasKestrelEndpoints)
    {
        builder.WithEnvironment(context =>
        {
            // A deployment puts a proxy in front of what can be reached.
            if (context.Resource.Endpoints().Any())
            {
                context.EnvironmentVariables["ASPNETCORE_FORWARDEDHEADERS_ENABLED"] = "true";
            }
        });
        builder.WithKestrelUrls();
        return hasKestrelEndpoints
            ? builder
            : builder.WithEnvironment(context =>
            {
                SetPorts(context, "HTTP_PORTS", "http");
                SetPorts(context, "HTTPS_PORTS", "https");
            });
    }

    private static void SetAspNetCoreUrls(EnvironmentCallbackContext context)
    {
        if (context.EnvironmentVariables.ContainsKey("ASPNETCORE_URLS"))
        {
            return;
        }

        var urls = new ReferenceExpressionBuilder();
        foreach (var endpoint in Listening((ProjectResource)context.Resource))
        {
            if (endpoint.IsHttps)
            {
                // The redirection to https must name the public port: the one that the project listens on is nobody's business.
                context.EnvironmentVariables.TryAdd("ASPNETCORE_HTTPS_PORT", endpoint.Property(EndpointProperty.Port));
            }

            urls.AppendText(urls.IsEmpty ? "" : ";")
                .AppendText($"{endpoint.Scheme}://{endpoint.Annotation.TargetHost}:")
                .AppendValue(endpoint.Property(EndpointProperty.TargetPort));
        }

        if (!urls.IsEmpty)
        {
            context.EnvironmentVariables["ASPNETCORE_URLS"] = urls.Build();
        }
    }

    private static void SetPorts(EnvironmentCallbackContext context, string variable, string scheme)
    {
        var project = (ProjectResource)context.Resource;
        var ports = new ReferenceExpressionBuilder();
        foreach (var endpoint in Listening(project).Where(e => e.Scheme == scheme && e.Annotation != project.DefaultHttpsEndpoint))
        {
            ports.AppendText(ports.IsEmpty ? "" : ";").AppendValue(endpoint.Property(EndpointProperty.TargetPort));
        }

        if (!ports.IsEmpty)
        {
            context.EnvironmentVariables.TryAdd(variable, ports.Build());
        }
    }

    /// <summary>Where Kestrel reads addresses from configuration it reads no others, so every endpoint must stand there.</summary>
    private static void WithKestrelUrls(this IResourceBuilder<ProjectResource> builder) => builder.WithEnvironment(context =>
    {
        var project = (ProjectResource)context.Resource;
        if (project.KestrelHosts.Count == 0)
        {
            return;
        }

        foreach (var endpoint in Listening(project).Where(endpoint => endpoint.Annotation != project.DefaultHttpsEndpoint))
        {
            // In a container, localhost could not be reached from outside it.
            var host = context.ExecutionContext.IsRunMode ? project.KestrelHosts.GetValueOrDefault(endpoint.Annotation, "*") : "*";
            context.EnvironmentVariables[$"Kestrel__Endpoints__{endpoint.EndpointName}__Url"] = new ReferenceExpressionBuilder()
                .AppendText($"{endpoint.Scheme}://{host}:")
                .AppendValue(endpoint.Property(EndpointProperty.TargetPort))
                .Build();
        }
    });

    /// <summary>Endpoints that ASP.NET Core opens; one whose port goes to the project in a variable of its own is opened by its code.</summary>
    private static IEnumerable<EndpointReference> Listening(ProjectResource project) =>
        project.Endpoints()
            .Where(endpoint => endpoint.UriScheme is "http" or "https" && endpoint.TargetPortEnvironmentVariable is null)
            .Select(endpoint => project.GetEndpoint(endpoint.Name));
}
