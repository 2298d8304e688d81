using System.Diagnostics;
using System.Runtime.InteropServices;
using Services.Wsl2Host.Drivers.Linux.Native;
using Services.Wsl2Host.Drivers.Linux.Seccomp;
using Services.Wsl2Host.Hosting;

namespace Services.Wsl2Host.Drivers.Linux.Sandbox;

/// <summary>
/// What every sandbox sees of the machine: its programs, and an <c>/etc</c> that holds what programs need and nothing that says whose machine it is.
/// Prepared once, so that a sandbox needs few mounts.
/// </summary>
/// <param name="directories">The host's directories.</param>
/// <param name="readOnlyPaths">Further directories of the machine to show.</param>
internal sealed class SandboxFiles(HostDirectories directories, IReadOnlyList<string> readOnlyPaths)
{
    private const UnixFileMode Readable =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private static readonly string[] CopiedFromEtc =
    [
        "ssl", "ca-certificates", "pki", "alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d",
        "localtime", "mime.types", "protocols", "services", "fonts", "dotnet", "java", "ImageMagick-6", "perl",
    ];

    /// <summary>Raised with every change to the files written below.</summary>
    private const int EtcVersion = 1;

    private static readonly string[] SystemDirectories = ["bin", "sbin", "lib", "lib32", "lib64", "libx32"];

    /// <summary>The filter, as bubblewrap reads it.</summary>
    public string Filter => Path.Combine(directories.Sandbox, "seccomp.bpf");

    /// <summary>Says what the prepared <c>/etc</c> was made from, so that it is made anew only when that has changed.</summary>
    private string Stamp => Path.Combine(directories.Sandbox, "etc.stamp");

    private string Etc => Path.Combine(directories.Sandbox, "etc");

    /// <summary>The arguments that show the machine's programs.</summary>
    public IReadOnlyList<string> Arguments { get; private set; } = [];

    /// <summary>Prepares everything.</summary>
    public async Task PrepareAsync(CancellationToken cancellationToken)
    {
        var calls = SystemCalls.For(RuntimeInformation.ProcessArchitecture)
            ?? throw new PlatformNotSupportedException($"There is no system call filter for {RuntimeInformation.ProcessArchitecture}.");
        await WriteFilterAsync(SandboxFilter.Assemble(calls), cancellationToken);
        await PrepareEtcAsync(cancellationToken);
        List<string> arguments = ["--ro-bind", "/usr", "/usr"];
        foreach (var name in SystemDirectories)
        {
            var path = $"/{name}";
            if (new DirectoryInfo(path).LinkTarget is { } target)
            {
                arguments.AddRange(["--symlink", target, path]);
            }
            else if (Directory.Exists(path))
            {
                arguments.AddRange(["--ro-bind", path, path]);
            }
        }

        arguments.AddRange(["--ro-bind", Etc, "/etc"]);
        foreach (var path in readOnlyPaths.Where(path => !path.StartsWith("/usr/", StringComparison.Ordinal)))
        {
            arguments.AddRange(["--ro-bind", Reachable(path), path]);
        }

        Arguments = arguments;
    }

    /// <summary>Takes away what was mounted for paths that instances cannot pass through.</summary>
    public void Remove()
    {
        foreach (var mount in Directory.Exists(directories.ReadOnlyMounts) ? Directory.EnumerateDirectories(directories.ReadOnlyMounts) : [])
        {
            Mounting.Unmount(mount);
            Directory.Delete(mount);
        }
    }

    /// <summary>Replaced as a whole: a sandbox that was started just before the host's end may be reading the one that is there.</summary>
    private async Task WriteFilterAsync(byte[] filter, CancellationToken cancellationToken)
    {
        var fresh = $"{Filter}.{Guid.NewGuid():N}.tmp";
        await File.WriteAllBytesAsync(fresh, filter, cancellationToken);
        File.Move(fresh, Filter, overwrite: true);
    }

    private async Task PrepareEtcAsync(CancellationToken cancellationToken)
    {
        var present = CopiedFromEtc.Select(name => $"/etc/{name}").Where(path => File.Exists(path) || Directory.Exists(path)).ToList();
        var stamp = string.Join('\n', present.Append("/etc/ssl/certs").Select(path => $"{path} {File.GetLastWriteTimeUtc(path).Ticks} {EtcVersion}"));
        if (File.Exists(Stamp) && await File.ReadAllTextAsync(Stamp, cancellationToken) == stamp)
        {
            return;
        }

        var fresh = $"{Etc}.{Guid.NewGuid():N}";
        HostDirectories.Make(fresh, Readable);
        using (var copy = Process.Start(new ProcessStartInfo("/bin/cp", ["-a", "--", .. present, fresh]) { RedirectStandardError = true })!)
        {
            // Files that only root may read are of no use in a sandbox, so what could not be copied is left out.
            await copy.StandardError.ReadToEndAsync(cancellationToken);
            await copy.WaitForExitAsync(cancellationToken);
        }

        RemovePrivate(fresh);
        await File.WriteAllTextAsync(
            Path.Combine(fresh, "passwd"),
            $"root:x:0:0:root:/:/usr/sbin/nologin\nagent:x:{SandboxArguments.User}:{SandboxArguments.User}:agent:/home/agent:/bin/sh\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n",
            cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(fresh, "group"), $"root:x:0:\nagent:x:{SandboxArguments.User}:\nnogroup:x:65534:\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(fresh, "hosts"), $"127.0.0.1 localhost {SandboxArguments.HostName}\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(fresh, "nsswitch.conf"), "passwd: files\ngroup: files\nhosts: files dns\n", cancellationToken);
        await File.WriteAllTextAsync(Path.Combine(fresh, "resolv.conf"), "", cancellationToken);

        // A running sandbox keeps the directory that it bound.
        if (Directory.Exists(Etc))
        {
            var old = $"{Etc}.{Guid.NewGuid():N}";
            Directory.Move(Etc, old);
            Directory.Move(fresh, Etc);
            Directory.Delete(old, recursive: true);
        }
        else
        {
            Directory.Move(fresh, Etc);
        }

        await File.WriteAllTextAsync(Stamp, stamp, cancellationToken);
    }

    private static void RemovePrivate(string copied)
    {
        var keys = Path.Combine(copied, "ssl", "private");
        if (Directory.Exists(keys))
        {
            Directory.Delete(keys, recursive: true);
        }
    }

    /// <summary>The path itself, or where it is shown if an instance's user cannot pass through to it.</summary>
    private string Reachable(string path)
    {
        if (!Directory.Exists(path))
        {
            throw new DirectoryNotFoundException($"{Wsl2HostOptions.Section}:ReadOnlyPaths names {path}, which is not a directory of this machine.");
        }

        if (HostDirectories.Barrier(path) is null)
        {
            return path;
        }

        var shown = Path.Combine(directories.ReadOnlyMounts, path.Trim('/').Replace('/', '-'));
        Directory.CreateDirectory(shown);
        if (!Mounting.IsSameDirectory(path, shown))
        {
            Mounting.Unmount(shown);
            Mounting.BindReadOnly(path, shown);
        }

        return shown;
    }
}
