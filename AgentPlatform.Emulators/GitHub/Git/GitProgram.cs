using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Options;

namespace AgentPlatform.Emulators.GitHub.Git;

/// <summary>What a git program left behind.</summary>
internal sealed record GitOutput(int ExitCode, byte[] Output, string Errors)
{
    public string Text => Encoding.UTF8.GetString(Output);
}

/// <summary>A git program failed where it should not.</summary>
internal sealed class GitException(string message) : Exception(message);

/// <summary>Runs git: arguments as a list, no shell, no configuration of the machine or its user, bounded in time and output.</summary>
internal sealed class GitProgram(IOptions<GitHubOptions> options, TimeProvider time)
{
    private const int OutputMax = 128 * 1024 * 1024;
    private const int ErrorsMax = 16 * 1024;

    /// <summary>Runs git and returns whatever came of it.</summary>
    /// <exception cref="GitException">It ran too long or wrote too much.</exception>
    public async Task<GitOutput> RunAsync(string directory, IEnumerable<string> arguments, ReadOnlyMemory<byte> input,
        CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(options.Value.GitTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var process = Start(directory, arguments);
        try
        {
            var errors = ReadAsync(process.StandardError.BaseStream, ErrorsMax, truncate: true, both.Token);
            var output = ReadAsync(process.StandardOutput.BaseStream, OutputMax, truncate: false, both.Token);
            await WriteAsync(process.StandardInput.BaseStream, input, both.Token);
            await Task.WhenAll(errors, output);
            await process.WaitForExitAsync(both.Token);
            return new GitOutput(process.ExitCode, output.Result, Encoding.UTF8.GetString(errors.Result));
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new GitException($"git ran longer than {options.Value.GitTimeout}");
        }
        finally
        {
            End(process);
        }
    }

    /// <summary>Runs git and returns what it printed; anything but success is an exception.</summary>
    public async Task<GitOutput> RequireAsync(string directory, IEnumerable<string> arguments, ReadOnlyMemory<byte> input,
        CancellationToken cancellationToken)
    {
        var result = await RunAsync(directory, arguments, input, cancellationToken);
        return result.ExitCode == 0 ? result : throw new GitException($"git exited with {result.ExitCode}: {result.Errors.Trim()}");
    }

    /// <summary>A started git with all three streams redirected. The caller ends it.</summary>
    public static Process Start(string directory, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo("git")
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        var inherited = new Dictionary<string, string?>(start.Environment, StringComparer.Ordinal);
        start.Environment.Clear();
        foreach (var name in (string[])["PATH", "SystemRoot", "TEMP", "TMPDIR"])
        {
            if (inherited.TryGetValue(name, out var value))
            {
                start.Environment[name] = value;
            }
        }

        start.Environment["HOME"] = directory;
        start.Environment["LC_ALL"] = "C";
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_CONFIG_GLOBAL"] = OperatingSystem.IsWindows() ? "NUL" : "/dev/null";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new GitException("git did not start");
    }

    /// <summary>Kills a git that is still running, with all it started.</summary>
    public static void End(Process process)
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
        }
    }

    private static async Task WriteAsync(Stream stream, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        try
        {
            await stream.WriteAsync(input, cancellationToken);
            stream.Close();
        }
        catch (IOException)
        {
            // Git ended before it had read everything; its exit code says why.
        }
    }

    private static async Task<byte[]> ReadAsync(Stream stream, int max, bool truncate, CancellationToken cancellationToken)
    {
        using var collected = new MemoryStream();
        var buffer = new byte[32 * 1024];
        int read;
        while ((read = await stream.ReadAsync(buffer, cancellationToken)) > 0)
        {
            var room = (int)Math.Min(read, max - collected.Length);
            collected.Write(buffer, 0, room);
            if (room < read && !truncate)
            {
                throw new GitException($"git wrote more than {max} bytes");
            }
        }

        return collected.ToArray();
    }
}
