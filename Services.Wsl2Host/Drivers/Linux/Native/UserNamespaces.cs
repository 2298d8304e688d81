using System.Collections.Concurrent;
using System.Globalization;

namespace Services.Wsl2Host.Drivers.Linux.Native;

/// <summary>
/// User namespaces that map one user and group to another, for <see cref="Mounting.BindWithOwner"/>. Each is made once, by a process that
/// lives only until its namespace is held open here.
/// </summary>
internal sealed class UserNamespaces : IDisposable
{
    private readonly ConcurrentDictionary<(uint From, uint To), Lazy<int>> _namespaces = [];

    /// <summary>A descriptor of the namespace in which <paramref name="from"/> is seen as <paramref name="to"/>. It stays open until this is disposed.</summary>
    public int Mapping(uint from, uint to) => _namespaces.GetOrAdd((from, to), pair => new Lazy<int>(() => Make(pair.From, pair.To))).Value;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var descriptor in _namespaces.Values.Where(made => made.IsValueCreated))
        {
            _ = Libc.Close(descriptor.Value);
        }

        _namespaces.Clear();
    }

    private static unsafe int Make(uint from, uint to)
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
            return Libc.Check(Libc.Open($"/proc/{process}/ns/user", Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0), "holding a user namespace open");
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
