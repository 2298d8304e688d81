using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Services.Wsl2Host.Drivers.Linux.Native;

/// <summary>
/// User namespaces that map one user and group to another, for <see cref="Mounting.BindWithOwner"/>, which needs one for the moment of the mount. Each is
/// made by a process that lives only until its namespace is held open here, which takes some milliseconds: it is begun before anybody waits for it.
/// </summary>
internal sealed class UserNamespaces : IDisposable
{
    private readonly ConcurrentDictionary<(uint From, uint To), Task<SafeFileHandle>> _prepared = [];

    /// <summary>Begins to make a namespace that will be taken, or forgotten.</summary>
    public void Prepare(uint from, uint to) => _prepared.GetOrAdd((from, to), pair => Task.Run(() => Make(pair.From, pair.To)));

    /// <summary>The namespace in which <paramref name="from"/> is seen as <paramref name="to"/>. It is the caller's to close.</summary>
    public Task<SafeFileHandle> TakeAsync(uint from, uint to) =>
        _prepared.TryRemove((from, to), out var prepared) ? prepared : Task.Run(() => Make(from, to));

    /// <summary>Lets go of a namespace that nobody has taken.</summary>
    public void Forget(uint from, uint to)
    {
        if (_prepared.TryRemove((from, to), out var prepared))
        {
            _ = prepared.ContinueWith(
                made => made.Result.Dispose(), CancellationToken.None, TaskContinuationOptions.OnlyOnRanToCompletion, TaskScheduler.Default);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var (from, to) in _prepared.Keys)
        {
            Forget(from, to);
        }
    }

    private static unsafe SafeFileHandle Make(uint from, uint to)
    {
        // unshare makes the namespace, says so on its output, and waits until its input ends.
        var input = stackalloc int[2];
        var output = stackalloc int[2];
        Libc.Check(Libc.Pipe(input, Libc.OpenCloseOnExec), "making a pipe");
        Libc.Check(Libc.Pipe(output, Libc.OpenCloseOnExec), "making a pipe");
        var process = 0;
        try
        {
            process = ProcessSpawn.Start(
                [LinuxPrograms.Unshare, "--user", "/bin/sh", "-c", "echo; read -r _"],
                ["PATH=/usr/bin:/bin"],
                new ChildDescriptor(input[0], 0),
                new ChildDescriptor(output[1], 1));
            _ = Libc.Close(output[1]);
            output[1] = -1;
            byte ready;
            if (Libc.Read(output[0], &ready, 1) != 1)
            {
                throw new IOException("A user namespace could not be made: are unprivileged user namespaces allowed?");
            }

            var map = string.Create(CultureInfo.InvariantCulture, $"{from} {to} 1\n");
            File.WriteAllText($"/proc/{process}/uid_map", map);
            File.WriteAllText($"/proc/{process}/gid_map", map);
            return new SafeFileHandle(
                Libc.Check(Libc.Open($"/proc/{process}/ns/user", Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0), "holding a user namespace open"), ownsHandle: true);
        }
        finally
        {
            foreach (var descriptor in (ReadOnlySpan<int>)[input[0], input[1], output[0], output[1]])
            {
                if (descriptor >= 0)
                {
                    _ = Libc.Close(descriptor);
                }
            }

            if (process != 0)
            {
                _ = Libc.WaitProcess(process, null, 0);
            }
        }
    }
}
