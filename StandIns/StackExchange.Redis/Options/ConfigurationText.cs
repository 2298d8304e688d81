using System.Globalization;

namespace StackExchange.Redis;

/// <summary>Options as text: addresses and <c>key=value</c>, separated by commas.</summary>
internal static class ConfigurationText
{
    // Known to the real client and without a meaning here: there is one server, one protocol and one writer.
    private static readonly HashSet<string> Ignored = new(StringComparer.OrdinalIgnoreCase)
    {
        "configChannel", "configCheckSeconds", "tiebreaker", "version", "highPriorityThreads", "preserveAsyncOrder", "responseTimeout",
        "writeBuffer", "resolveDns", "checkCertificateRevocation", "setlib", "libname", "sslProtocols", "highIntegrity",
    };

    private static readonly Dictionary<string, Action<ConfigurationOptions, string>> Setters = new(StringComparer.OrdinalIgnoreCase)
    {
        ["user"] = (options, value) => options.User = value,
        ["password"] = (options, value) => options.Password = value,
        ["ssl"] = (options, value) => options.Ssl = Truth("ssl", value),
        ["sslHost"] = (options, value) => options.SslHost = value,
        ["abortConnect"] = (options, value) => options.AbortOnConnectFail = Truth("abortConnect", value),
        ["allowAdmin"] = (options, value) => options.AllowAdmin = Truth("allowAdmin", value),
        ["name"] = (options, value) => options.ClientName = value,
        ["connectRetry"] = (options, value) => options.ConnectRetry = Number("connectRetry", value),
        ["connectTimeout"] = (options, value) => options.ConnectTimeout = Number("connectTimeout", value),
        ["syncTimeout"] = (options, value) => options.SyncTimeout = Number("syncTimeout", value),
        ["asyncTimeout"] = (options, value) => options.AsyncTimeout = Number("asyncTimeout", value),
        ["keepAlive"] = (options, value) => options.KeepAlive = Number("keepAlive", value),
        ["defaultDatabase"] = (options, value) => options.DefaultDatabase = Number("defaultDatabase", value),
        ["channelPrefix"] = (options, value) => options.ChannelPrefix = RedisChannel.Literal(value),
    };

    public static ConfigurationOptions Parse(string configuration, bool ignoreUnknown)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var options = new ConfigurationOptions();
        foreach (var part in configuration.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                options.EndPoints.Add(part);
                continue;
            }

            // A value may hold further signs of equality: passwords do.
            var key = part[..equals].Trim();
            if (Setters.TryGetValue(key, out var set))
            {
                set(options, part[(equals + 1)..].Trim());
            }
            else if (!ignoreUnknown && !Ignored.Contains(key))
            {
                throw new ArgumentException($"Keyword '{key}' is not supported.", nameof(configuration));
            }
        }

        return options;
    }

    public static string Format(ConfigurationOptions options, bool includePassword)
    {
        List<string> parts = [.. options.EndPoints.Select(EndPointCollection.Format)];
        void Add(string key, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                parts.Add($"{key}={value}");
            }
        }

        Add("name", options.ClientName);
        Add("user", options.User);
        Add("password", string.IsNullOrEmpty(options.Password) || includePassword ? options.Password : "*****");
        Add("ssl", options.Ssl ? "True" : null);
        Add("sslHost", options.SslHost);
        Add("abortConnect", options.AbortOnConnectFail ? null : "False");
        Add("connectTimeout", Text(options.ConnectTimeout));
        Add("syncTimeout", Text(options.SyncTimeout));
        Add("asyncTimeout", Text(options.AsyncTimeout));
        Add("keepAlive", Text(options.KeepAlive));
        Add("defaultDatabase", options.DefaultDatabase is { } database ? Text(database) : null);
        Add("channelPrefix", options.ChannelPrefix);
        return string.Join(',', parts);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool Truth(string key, string value) => value.ToUpperInvariant() switch
    {
        "TRUE" or "YES" or "ON" or "1" => true,
        "FALSE" or "NO" or "OFF" or "0" => false,
        _ => throw new ArgumentException($"Keyword '{key}' requires a boolean value; the value '{value}' is not recognised."),
    };

    private static int Number(string key, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new ArgumentException($"Keyword '{key}' requires an integer value of at least 0; the value '{value}' is not recognised.");
}
