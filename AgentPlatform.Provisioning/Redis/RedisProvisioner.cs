using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentPlatform.Provisioning.Redis;

/// <summary>
/// A Redis user for each service. Redis keeps users in memory; where it has an ACL file or a configuration file, they are saved there. Where it has
/// neither, they are gone after a restart of Redis, and provisioning has to be run again.
/// </summary>
internal sealed partial class RedisProvisioner(IOptions<ProvisioningOptions> options, Patience patience, ILogger<RedisProvisioner> logger)
{
    public async Task ProvisionAsync(CancellationToken cancellationToken)
    {
        using var redis = await patience.WaitAsync("Redis", ConnectAsync, fault => fault is RedisConnectionException && !IsRefusal(fault), cancellationToken);
        var database = redis.GetDatabase();
        try
        {
            foreach (var role in options.Value.Roles)
            {
                await database.ExecuteAsync("ACL", ["SETUSER", role.Name, .. AclRules.Of(role)]).WaitAsync(cancellationToken);
                Log.UserProvisioned(logger, role.Name);
            }
        }
        catch (RedisException fault)
        {
            throw new ProvisioningException($"Redis refused: {fault.Message}", fault);
        }

        if (!await TryAsync(database, "ACL", "SAVE") && !await TryAsync(database, "CONFIG", "REWRITE"))
        {
            Log.UsersNotSaved(logger);
        }
    }

    private async Task<ConnectionMultiplexer> ConnectAsync(CancellationToken cancellationToken)
    {
        var settings = ConfigurationOptions.Parse(options.Value.Redis!);
        settings.AllowAdmin = true;
        settings.AbortOnConnectFail = true;
        settings.ConnectRetry = 1;
        settings.ConnectTimeout = 5000;
        return await ConnectionMultiplexer.ConnectAsync(settings).WaitAsync(cancellationToken);
    }

    private static bool IsRefusal(Exception fault) => fault.ToString().Contains("WRONGPASS", StringComparison.Ordinal)
        || fault.ToString().Contains("NOAUTH", StringComparison.Ordinal);

    private static async Task<bool> TryAsync(IDatabase database, string command, string argument)
    {
        try
        {
            await database.ExecuteAsync(command, argument);
            return true;
        }
        catch (RedisServerException)
        {
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(6404, LogLevel.Information, "Redis has user {User}")]
        public static partial void UserProvisioned(ILogger logger, string user);

        [LoggerMessage(6405, LogLevel.Information, "Redis has neither ACL file nor configuration file: run provisioning again when it was restarted")]
        public static partial void UsersNotSaved(ILogger logger);
    }
}
