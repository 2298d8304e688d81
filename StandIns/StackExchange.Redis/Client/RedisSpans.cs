using System.Diagnostics;
using System.Net;

namespace StackExchange.Redis;

/// <summary>
/// Spans of commands: their names and outcomes, never keys or values. Only for a command that belongs to something: a loop that polls makes none.
/// </summary>
internal static class RedisSpans
{
    // The instrumentation of the real client is a package of its own; its name is what applications listen to.
    private static readonly ActivitySource Source = new("OpenTelemetry.Instrumentation.StackExchangeRedis");

    public static Activity? Start(string command, EndPoint server, int database)
    {
        if (Activity.Current is null || Source.StartActivity(command, ActivityKind.Client) is not { } span)
        {
            return null;
        }

        span.SetTag("db.system", "redis");
        span.SetTag("db.system.name", "redis");
        span.SetTag("db.operation.name", command);
        span.SetTag("db.redis.database_index", Math.Max(database, 0));
        switch (server)
        {
            case DnsEndPoint dns:
                span.SetTag("server.address", dns.Host);
                span.SetTag("server.port", dns.Port);
                break;
            case IPEndPoint ip:
                span.SetTag("server.address", ip.Address.ToString());
                span.SetTag("server.port", ip.Port);
                break;
        }

        return span;
    }

    public static void Fail(Activity? span, Exception failure)
    {
        // The first word of the server's error is its kind; the rest may quote what was sent.
        var kind = failure is RedisServerException ? failure.Message.Split(' ', 2)[0] : failure.GetType().FullName;
        span?.SetTag("error.type", kind);
        span?.SetStatus(ActivityStatusCode.Error);
    }
}
