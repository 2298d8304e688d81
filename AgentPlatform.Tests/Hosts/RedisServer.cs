using System.Security.Cryptography;

namespace AgentPlatform.Tests.Hosts;

/// <summary>A Redis of the machine's own program on a free loopback port, reached by password. It starts in some 20 milliseconds: one for each test is fine.</summary>
public sealed class RedisServer : IAsyncDisposable
{
    private readonly string _directory;
    private readonly string[] _settings;
    private ServerProcess _process;

    private RedisServer(string directory, string[] settings, int port, string password, ServerProcess process)
    {
        _directory = directory;
        _settings = settings;
        _process = process;
        Port = port;
        Password = password;
    }

    /// <summary>The port on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>The password of the administrator, whose name is "default".</summary>
    public string Password { get; }

    /// <summary>Reaches the server as the administrator.</summary>
    public string ConnectionString => $"127.0.0.1:{Port},password={Password}";

    /// <summary>Starts a server.</summary>
    /// <param name="settings">More settings as redis.conf writes them, such as <c>user webhooks on >secret ~* &amp;* +@all</c>.</param>
    public static async Task<RedisServer> StartAsync(params string[] settings)
    {
        var directory = Directory.CreateTempSubdirectory("ap-redis-").FullName;
        var password = RandomNumberGenerator.GetHexString(24, lowercase: true);
        var port = ServerProcess.FreePort();
        settings = [$"requirepass {password}", .. settings];
        return new RedisServer(directory, settings, port, password, await LaunchAsync(directory, port, settings));
    }

    /// <summary>Reaches the server as a user.</summary>
    public string ConnectionStringOf(string user, string password) => $"127.0.0.1:{Port},user={user},password={password}";

    /// <summary>Ends the server, in order (it saves its data) or as a crash would (it forgets what it did not append).</summary>
    public Task StopAsync(bool crash = false) => crash ? _process.KillAsync() : _process.StopAsync();

    /// <summary>Starts the stopped server again, on the same port and data.</summary>
    public async Task StartAgainAsync() => _process = await LaunchAsync(_directory, Port, _settings);

    public ValueTask DisposeAsync() => _process.DisposeAsync();

    private static async Task<ServerProcess> LaunchAsync(string directory, int port, string[] settings)
    {
        // By file: arguments would show the passwords to the whole machine.
        var file = Path.Combine(directory, "redis.conf");
        await File.WriteAllLinesAsync(file, [
            "bind 127.0.0.1", $"port {port}", $"dir {directory}", "daemonize no", "appendonly yes", "appendfsync no", "save 3600 1", .. settings]);
        return await ServerProcess.StartAsync(directory, ["redis-server", file]);
    }
}
