using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Projects;

/// <summary>What every project gets: its endpoints and the environment that makes it listen there.</summary>
internal static class ProjectDefaults
{
    public static IResourceBuilder<ProjectResource> Add(
        IDistributedApplicationBuilder application, string name, IProjectMetadata metadata, Action<ProjectResourceOptions> configure)
    {
        var options = new ProjectResourceOptions();
        configure(options);
        var profile = LaunchProfileSelection.Select(metadata, options, application.Configuration);
        var kestrel = KestrelConfiguration.Read(metadata.ProjectPath);
        IReadOnlyList<KestrelEndpoint> kestrelEndpoints = options.ExcludeKestrelEndpoints ? [] : kestrel.Endpoints;
        var builder = application.AddResource(new ProjectResource(name)).WithAnnotation(metadata);

        builder.WithTelemetry();
        foreach (var endpoint in kestrelEndpoints)
        {
            builder.WithKestrelEndpoint(endpoint);
        }

        if (application.ExecutionContext.IsRunMode)
        {
            builder.WithRunEnvironment(kestrelEndpoints.Count > 0);
            builder.WithLaunchProfile(profile, kestrelEndpoints.Count > 0, kestrel.IsHttp2Default);
        }
        else
        {
            builder.WithPublishEnvironment(kestrelEndpoints.Count > 0);
            if (profile?.Profile.ApplicationUrl is not null || kestrelEndpoints.Count > 0)
            {
                builder.WithDefaultBindings(kestrel.IsHttp2Default);
            }
        }

        return builder;
    }

    /// <summary>The port in the configuration is the public one of a run; a deployment has its own, and the project listens on this one.</summary>
    private static void WithKestrelEndpoint(this IResourceBuilder<ProjectResource> builder, KestrelEndpoint kestrel)
    {
        var isPublish = builder.ApplicationBuilder.ExecutionContext.IsPublishMode;
        builder.WithEndpoint(kestrel.Name, endpoint =>
        {
            endpoint.Port = isPublish ? endpoint.Port : kestrel.Address.Port;
            endpoint.TargetPort = isPublish ? kestrel.Address.Port : endpoint.TargetPort;
            endpoint.UriScheme = kestrel.Address.Scheme;
            endpoint.TargetHost = LocalHost(kestrel.Address.Host);
            endpoint.Transport = kestrel.IsHttp2 ? "http2" : endpoint.Transport;
            builder.Resource.KestrelHosts[endpoint] = endpoint.TargetHost;
        });
    }

    private static void WithLaunchProfile(
        this IResourceBuilder<ProjectResource> builder, (string Name, LaunchProfile Profile)? selected, bool hasKestrelEndpoints, bool isHttp2)
    {
        if (selected is not var (name, profile))
        {
            return;
        }

        if (!hasKestrelEndpoints)
        {
            builder.WithApplicationUrls(profile, isHttp2);
        }

        builder.WithArgs([.. CommandLineText.Split(profile.CommandLineArgs ?? "")]);
        builder.WithEnvironment(context =>
        {
            context.EnvironmentVariables.TryAdd("DOTNET_LAUNCH_PROFILE", name);
            foreach (var (variable, value) in profile.EnvironmentVariables)
            {
                context.EnvironmentVariables.TryAdd(variable, Environment.ExpandEnvironmentVariables(value));
            }
        });
    }

    /// <summary>The first address of a scheme is named for it, the second http2 or https2, and so on.</summary>
    private static void WithApplicationUrls(this IResourceBuilder<ProjectResource> builder, LaunchProfile profile, bool isHttp2)
    {
        var addresses = (profile.ApplicationUrl ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(Microsoft.AspNetCore.Http.BindingAddress.Parse);
        foreach (var scheme in addresses.GroupBy(address => address.Scheme))
        {
            foreach (var (index, address) in scheme.Index())
            {
                builder.WithEndpoint(index == 0 ? scheme.Key : $"{scheme.Key}{index + 1}", endpoint =>
                {
                    endpoint.Port = address.Port;
                    endpoint.TargetHost = LocalHost(address.Host);
                    endpoint.UriScheme = address.Scheme;
                    endpoint.FromLaunchProfile = true;
                    endpoint.Transport = isHttp2 ? "http2" : endpoint.Transport;
                });
            }
        }

        if (Uri.TryCreate(profile.LaunchUrl, UriKind.RelativeOrAbsolute, out var launchUrl))
        {
            builder.WithUrls((urls, _) =>
            {
                foreach (var url in urls.Where(url => url.Endpoint?.Annotation.FromLaunchProfile == true))
                {
                    url.Url = launchUrl.IsAbsoluteUri ? profile.LaunchUrl! : new Uri(new Uri(url.Url), launchUrl).ToString();
                }
            });
        }
    }

    /// <summary>A deployment always gets both bindings of a web project, without ports: it picks them itself.</summary>
    private static void WithDefaultBindings(this IResourceBuilder<ProjectResource> builder, bool isHttp2)
    {
        var http = GetOrAdd("http");
        var https = GetOrAdd("https");
        http.TargetPort = https.TargetPort = http.TargetPort ?? https.TargetPort;

        EndpointAnnotation GetOrAdd(string scheme)
        {
            if (builder.Resource.Endpoints().FirstOrDefault(e => e.UriScheme == scheme || e.Name == scheme) is { } existing)
            {
                return existing;
            }

            builder.WithEndpoint(scheme, endpoint =>
            {
                endpoint.UriScheme = scheme;
                endpoint.Transport = isHttp2 ? "http2" : endpoint.Transport;
                builder.Resource.DefaultHttpsEndpoint = scheme == "https" ? endpoint : builder.Resource.DefaultHttpsEndpoint;
            });
            return builder.Resource.FindEndpoint(scheme)!;
        }
    }

    private static string LocalHost(string host) =>
        host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase)
            ? "localhost"
            : host;
}
