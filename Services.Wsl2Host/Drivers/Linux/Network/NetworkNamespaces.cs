using System.Collections.Concurrent;
using Microsoft.Win32.SafeHandles;
using Services.Wsl2Host.Drivers.Linux.Native;

namespace Services.Wsl2Host.Drivers.Linux.Network;

/// <summary>
/// Network namespaces of instances: each has a loopback of its own and nothing else. What this host listens to or starts inside one is done
/// on a thread that enters it, so that no helper program is needed in the instance and nothing there can reach the host's network.
/// </summary>
internal sealed class NetworkNamespaces : IDisposable
{
    /// <summary>Namespaces that wait ready-made; making one takes about half a millisecond.</summary>
    private const int SparesMax = 4;

    private const int NewNetwork = 0x40000000;
    private const int InternetFamily = 2;
    private const int Datagram = 2;
    private const nuint GetInterfaceFlags = 0x8913;
    private const nuint SetInterfaceFlags = 0x8914;
    private const short InterfaceUp = 0x1;
    private const string CurrentThreadNetwork = "/proc/thread-self/ns/net";

    private readonly BlockingCollection<Action> _work = new(boundedCapacity: 1024);
    private readonly ConcurrentQueue<SafeFileHandle> _spares = [];
    private readonly Thread _thread;

    /// <summary>Starts the thread.</summary>
    public NetworkNamespaces()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "network namespaces" };
        _thread.Start();
    }

    /// <summary>A fresh namespace with its loopback up. It lives as long as the handle, or a process in it.</summary>
    public async Task<SafeFileHandle> TakeAsync()
    {
        var taken = _spares.TryDequeue(out var spare) ? spare : await OnThreadAsync(() => Make());
        _work.TryAdd(Refill);
        return taken;
    }

    /// <summary>The namespace that a process is in.</summary>
    public static SafeFileHandle OfProcess(int process) => Open($"/proc/{process}/ns/net");

    /// <summary>Does something inside a namespace: what it opens, binds or starts belongs there.</summary>
    public Task<T> InsideAsync<T>(SafeFileHandle network, Func<T> work) => OnThreadAsync(() =>
    {
        using var home = Open(CurrentThreadNetwork);
        Enter(network);
        try
        {
            return work();
        }
        finally
        {
            Return(home);
        }
    });

    /// <inheritdoc/>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _work.Dispose();
        foreach (var spare in _spares)
        {
            spare.Dispose();
        }
    }

    private Task<T> OnThreadAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        _work.Add(() =>
        {
            try
            {
                done.SetResult(work());
            }
#pragma warning disable CA1031 // Whatever it is, it belongs to the one who waits.
            catch (Exception failure)
            {
                done.SetException(failure);
            }
#pragma warning restore CA1031
        });
        return done.Task;
    }

    private void Run()
    {
        foreach (var work in _work.GetConsumingEnumerable())
        {
            work();
        }
    }

    private void Refill()
    {
        try
        {
            // One at a time, behind whatever is asked for meanwhile.
            if (_spares.Count < SparesMax && !_work.IsAddingCompleted)
            {
                _spares.Enqueue(Make());
                _work.TryAdd(Refill);
            }
        }
        catch (Exception failure) when (failure is InvalidOperationException or IOException)
        {
            // The host ends meanwhile, or the machine has none to spare: then whoever asks for one makes it, and is told.
        }
    }

    private static SafeFileHandle Make()
    {
        using var home = Open(CurrentThreadNetwork);
        Libc.Check(Libc.Unshare(NewNetwork), "making a network namespace");
        try
        {
            RaiseLoopback();
            return Open(CurrentThreadNetwork);
        }
        finally
        {
            Return(home);
        }
    }

    private static unsafe void RaiseLoopback()
    {
        var socket = Libc.Check(Libc.Socket(InternetFamily, Datagram, 0), "opening a socket");
        try
        {
            var request = new InterfaceRequest();
            "lo"u8.CopyTo(new Span<byte>(request.Name, 16));
            Libc.Check(Libc.Control(socket, GetInterfaceFlags, &request), "reading the loopback's flags");
            request.Flags |= InterfaceUp;
            Libc.Check(Libc.Control(socket, SetInterfaceFlags, &request), "raising the loopback");
        }
        finally
        {
            _ = Libc.Close(socket);
        }
    }

    private static SafeFileHandle Open(string path) =>
        new(Libc.Check(Libc.Open(path, Libc.OpenReadOnly | Libc.OpenCloseOnExec, 0), $"opening {path}"), ownsHandle: true);

    private static void Enter(SafeFileHandle network)
    {
        var held = false;
        network.DangerousAddRef(ref held);
        try
        {
            Libc.Check(Libc.SetNamespace((int)network.DangerousGetHandle(), NewNetwork), "entering a network namespace");
        }
        finally
        {
            network.DangerousRelease();
        }
    }

    private static void Return(SafeFileHandle home)
    {
        if (Libc.SetNamespace((int)home.DangerousGetHandle(), NewNetwork) != 0)
        {
            // A thread that stays in an instance's network must not serve another one.
            Environment.FailFast("The thread could not leave an instance's network namespace.");
        }
    }

    private unsafe struct InterfaceRequest
    {
        public fixed byte Name[16];
        public short Flags;
        public fixed byte Rest[22];
    }
}
