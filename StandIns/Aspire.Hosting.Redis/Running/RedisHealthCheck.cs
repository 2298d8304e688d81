using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Redis.Running;

/// <summary>
/// Healthy when a new connection takes the password and answers PING. It speaks the protocol itself: a client with its own idea
/// of reconnecting would report the past.
/// </summary>
/// <param name="connectionString">A connection string (<c>host:port,password=…</c>); null as long as it is not known.</param>
internal sealed class RedisHealthCheck(Func<CancellationToken, ValueTask<string?>> connectionString) : IHealthCheck
{
    private const int ReplyMax = 4096;

    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var reply = await AskAsync(await connectionString(cancellationToken), cancellationToken);
            return reply == "+PONG"
                ? HealthCheckResult.Healthy()
                : new HealthCheckResult(context.Registration.FailureStatus, $"Redis answered '{reply}'.");
        }
        catch (Exception ex) when (ex is SocketException or IOException or InvalidOperationException or FormatException)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, ex.Message, ex);
        }
    }

    private static async Task<string?> AskAsync(string? connectionString, CancellationToken cancellationToken)
    {
        var (host, port, password) = Parse(connectionString ?? throw new InvalidOperationException("The connection string is not known yet."));
        using var client = new TcpClient();
        await client.ConnectAsync(host, port, cancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, Encoding.UTF8, false, ReplyMax);
        if (password is not null)
        {
            await SendAsync(stream, ["AUTH", password], cancellationToken);
            if (await reader.ReadLineAsync(cancellationToken) is var reply and not "+OK")
            {
                return reply;
            }
        }

        await SendAsync(stream, ["PING"], cancellationToken);
        return await reader.ReadLineAsync(cancellationToken);
    }

    private static async Task SendAsync(NetworkStream stream, string[] command, CancellationToken cancellationToken)
    {
        var words = command.Select(word => $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"*{command.Length}\r\n{string.Concat(words)}"), cancellationToken);
    }

    private static (string Host, int Port, string? Password) Parse(string connectionString)
    {
        const string PasswordKey = "password=";
        var parts = connectionString.Split(',');
        var address = parts[0].Split(':');
        var password = parts.FirstOrDefault(part => part.StartsWith(PasswordKey, StringComparison.OrdinalIgnoreCase));
        return (address[0], int.Parse(address[1], System.Globalization.CultureInfo.InvariantCulture), password?[PasswordKey.Length..]);
    }
}
