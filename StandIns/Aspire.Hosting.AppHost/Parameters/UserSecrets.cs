using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting.Parameters;

/// <summary>
/// The app host's user secrets: the file that <c>dotnet user-secrets</c> reads and writes too. App hosts side by side may
/// generate the same secret at the same moment, so one at a time reads, adds and writes.
/// </summary>
/// <param name="path">The file; it need not exist.</param>
internal sealed class UserSecrets(string path)
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);
    private static readonly JsonDocumentOptions Tolerant = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The secrets of an app host; null where its project has no <c>UserSecretsId</c>.</summary>
    public static UserSecrets? Of(Assembly? appHost) =>
        appHost?.GetCustomAttribute<UserSecretsIdAttribute>() is { } id
            ? new UserSecrets(PathHelper.GetSecretsPathFromSecretsId(id.UserSecretsId))
            : null;

    /// <summary>Reads a secret, or makes and keeps it.</summary>
    /// <exception cref="DistributedApplicationException">The file cannot be read or written.</exception>
    public string GetOrAdd(string key, Func<string> create)
    {
        try
        {
            return Locked(() =>
            {
                if (Find(key) is { Length: > 0 } existing)
                {
                    return existing;
                }

                var value = create();
                Add(key, value);
                return value;
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or FormatException or InvalidDataException)
        {
            throw new DistributedApplicationException(
                $"The generated value of '{key}' could not be kept in the user secrets '{path}': {e.Message} Mend the file, or give '{key}' a value by configuration.", e);
        }
    }

    private string Locked(Func<string> work)
    {
        var identity = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Path.GetFullPath(path))))[..32];
        // Programs of one person in several terminals are several sessions.
        using var mutex = new Mutex(false, $"user-secrets-{identity}", new NamedWaitHandleOptions { CurrentUserOnly = true, CurrentSessionOnly = false });
        if (!Take(mutex))
        {
            throw new IOException($"another program has been writing it for {WaitMax.TotalSeconds} s.");
        }

        try
        {
            return work();
        }
        finally
        {
            mutex.ReleaseMutex();
        }
    }

    private static bool Take(Mutex mutex)
    {
        try
        {
            return mutex.WaitOne(WaitMax);
        }
        catch (AbandonedMutexException)
        {
            // Its owner was killed. The file is replaced whole, so it is the old or the new one, and the lock is ours now.
            return true;
        }
    }

    /// <summary>Reads as configuration does: the key may stand flat or as nested objects.</summary>
    private string? Find(string key)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var file = File.OpenRead(path);
        return new ConfigurationBuilder().AddJsonStream(file).Build()[key];
    }

    private void Add(string key, string value)
    {
        var secrets = File.Exists(path) ? JsonNode.Parse(File.ReadAllText(path), documentOptions: Tolerant) as JsonObject : [];
        if (secrets is null)
        {
            throw new InvalidDataException("it does not hold a JSON object.");
        }

        secrets[key] = value;
        Replace(secrets.ToJsonString(Readable));
    }

    /// <summary>Nobody else may read the file at any time, and nobody at all sees half of it.</summary>
    private void Replace(string text)
    {
        var directory = Path.GetDirectoryName(path)!;
        var next = Path.Combine(directory, $".{Path.GetFileName(path)}.{Environment.ProcessId}");
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(directory);
        }
        else
        {
            Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
            File.Delete(next);
            options.UnixCreateMode = OwnerOnly;
        }

        using (var file = new FileStream(next, options))
        {
            file.Write(Encoding.UTF8.GetBytes(text));
            file.Flush(flushToDisk: true);
        }

        File.Move(next, path, overwrite: true);
    }
}
