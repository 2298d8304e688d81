using AgentPlatform.Contracts;
using AgentPlatform.ServiceDefaults.Identity;
using AgentPlatform.ServiceDefaults.Traces;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using OpenTelemetry.Trace;

namespace Microsoft.Extensions.Hosting;

/// <summary>The traces of runs, kept with their history.</summary>
public static class RunTracesExtensions
{
    /// <summary>
    /// Hands this service's finished spans to Scheduler, wherever that is known by discovery. <see cref="ServiceDefaultsExtensions.AddServiceDefaults"/> does it for
    /// every service; Scheduler, which has no need of a call, brings its own <see cref="IRunSpanSink"/>.
    /// </summary>
    internal static void AddRunTraces(this WebApplicationBuilder builder)
    {
        if (builder.Configuration.GetSection($"Services:{ServiceNames.Scheduler}").Exists())
        {
            builder.Services.AddLongLivedHttpClient(HttpRunSpanSink.ClientName).AddServiceToken(ServiceNames.Scheduler, Scopes.SpansWrite);
            builder.AddRunTraces<HttpRunSpanSink>();
        }
    }

    /// <summary>Hands this service's finished spans to a sink of its own.</summary>
    public static void AddRunTraces<TSink>(this WebApplicationBuilder builder)
        where TSink : class, IRunSpanSink
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.TryAddSingleton<IRunSpanSink, TSink>();
        builder.Services.AddSingleton<RunSpanQueue>();
        builder.Services.AddHostedService<RunSpanSender>();
        builder.Services.ConfigureOpenTelemetryTracerProvider(tracing => tracing.AddProcessor<RunSpanProcessor>());
    }
}
