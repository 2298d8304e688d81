using System.Net.Security;

namespace StackExchange.Redis;

/// <summary>How to reach a server, and with what patience.</summary>
public sealed class ConfigurationOptions : ICloneable
{
    private EndPointCollection _endPoints = [];
    private int? _asyncTimeout;

    /// <summary>Asks whether a server's certificate is accepted. Without a handler: when the platform trusts it.</summary>
    public event RemoteCertificateValidationCallback? CertificateValidation;

    /// <summary>The addresses, tried in turn.</summary>
    public EndPointCollection EndPoints
    {
        get => _endPoints;
        init => _endPoints = value;
    }

    /// <summary>The user's name; null for the server's default user.</summary>
    public string? User { get; set; }

    /// <summary>The user's password; null: none is sent.</summary>
    public string? Password { get; set; }

    /// <summary>Whether the connection is encrypted. Default: false.</summary>
    public bool Ssl { get; set; }

    /// <summary>The name in the server's certificate; null: the host of the address.</summary>
    public string? SslHost { get; set; }

    /// <summary>Whether connecting fails when the server cannot be reached, instead of going on in the background. Default: true.</summary>
    public bool AbortOnConnectFail { get; set; } = true;

    /// <summary>Not acted upon: what a user may do is the server's to say.</summary>
    public bool AllowAdmin { get; set; }

    /// <summary>The connection's name at the server; null: the machine's.</summary>
    public string? ClientName { get; set; }

    /// <summary>How often the first connection is tried again. Default: 3.</summary>
    public int ConnectRetry { get; set; } = 3;

    /// <summary>How long a connection may take, in milliseconds. Default: 5000.</summary>
    public int ConnectTimeout { get; set; } = 5000;

    /// <summary>How long a caller that blocks waits for a reply, in milliseconds. Default: 5000.</summary>
    public int SyncTimeout { get; set; } = 5000;

    /// <summary>How long a caller that awaits waits for a reply, in milliseconds. Default: <see cref="SyncTimeout"/>.</summary>
    public int AsyncTimeout
    {
        get => _asyncTimeout ?? SyncTimeout;
        set => _asyncTimeout = value;
    }

    /// <summary>After how long without a word the connection is tried, in seconds. Default: 60.</summary>
    public int KeepAlive { get; set; } = 60;

    /// <summary>The database of commands that name none; null: 0.</summary>
    public int? DefaultDatabase { get; set; }

    /// <summary>What stands before the name of every channel; default: nothing.</summary>
    public RedisChannel ChannelPrefix { get; set; }

    /// <summary>Reads <c>host:port[,host:port…][,key=value…]</c>.</summary>
    /// <param name="configuration">The text.</param>
    /// <exception cref="ArgumentException">A key is unknown, or a value is not what its key takes.</exception>
    public static ConfigurationOptions Parse(string configuration) => Parse(configuration, ignoreUnknown: false);

    /// <summary>Reads <c>host:port[,host:port…][,key=value…]</c>.</summary>
    /// <param name="configuration">The text.</param>
    /// <param name="ignoreUnknown">Whether an unknown key is passed over.</param>
    /// <exception cref="ArgumentException">A key is unknown, or a value is not what its key takes.</exception>
    public static ConfigurationOptions Parse(string configuration, bool ignoreUnknown) => ConfigurationText.Parse(configuration, ignoreUnknown);

    /// <summary>Makes a copy.</summary>
    public ConfigurationOptions Clone()
    {
        var copy = (ConfigurationOptions)MemberwiseClone();
        copy._endPoints = new EndPointCollection([.. _endPoints]);
        return copy;
    }

    object ICloneable.Clone() => Clone();

    /// <summary>The options as text, with the password.</summary>
    public override string ToString() => ToString(includePassword: true);

    /// <summary>The options as text.</summary>
    /// <param name="includePassword">Whether the password is shown; otherwise stars stand for it.</param>
    public string ToString(bool includePassword) => ConfigurationText.Format(this, includePassword);

    internal RemoteCertificateValidationCallback? Validation => CertificateValidation;
}
