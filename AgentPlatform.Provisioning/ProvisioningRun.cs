using AgentPlatform.Provisioning.Postgres;
using AgentPlatform.Provisioning.Redis;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Provisioning;

/// <summary>
/// Makes what the services need in Postgres and Redis and then ends. It may run again at any time, also beside itself: what exists is
/// brought to what it should be, and changed passwords take effect.
/// </summary>
internal static partial class ProvisioningRun
{
    public const int Done = 0;
    public const int Failed = 1;
    public const int InvalidSettings = 78; // EX_CONFIG of sysexits.h

    public static void AddProvisioning(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptionsWithValidateOnStart<ProvisioningOptions, ProvisioningOptionsValidator>()
            .Configure(options => options.Read(configuration));
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<Patience>();
        services.AddSingleton<PostgresProvisioner>();
        services.AddSingleton<RedisProvisioner>();
    }

    /// <returns>The process' exit code. For everything but <see cref="Done"/> the standard error says why, one line for each cause.</returns>
    public static async Task<int> ProvisionAsync(this IHost host)
    {
        var services = host.Services;
        var stopping = services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
        try
        {
            services.GetService<IStartupValidator>()?.Validate();
            await host.StartAsync(stopping);
            await services.GetRequiredService<PostgresProvisioner>().ProvisionAsync(stopping);
            await services.GetRequiredService<RedisProvisioner>().ProvisionAsync(stopping);
            Log.Provisioned(services.GetRequiredService<ILogger<ProvisioningException>>());
            await host.StopAsync(CancellationToken.None);
            return Done;
        }
        catch (OptionsValidationException invalid)
        {
            foreach (var failure in invalid.Failures)
            {
                await Console.Error.WriteLineAsync(failure);
            }

            return InvalidSettings;
        }
        catch (ProvisioningException fault)
        {
            await Console.Error.WriteLineAsync(fault.Message);
            return Failed;
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Provisioning was stopped before it was done.");
            return Failed;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6401, LogLevel.Information, "Postgres and Redis are provisioned")]
        public static partial void Provisioned(ILogger logger);
    }
}
