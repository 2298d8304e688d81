using System.Buffers.Binary;

namespace Services.Wsl2Host.Drivers.Linux.Native;

/// <summary>
/// Tells when files change and when processes end: one thread for the whole host, however much is watched. Files may be the kernel's own
/// (a cgroup's <c>cgroup.events</c>), processes need not be children. Callbacks come on that thread and must not block.
/// </summary>
internal sealed unsafe class KernelEvents : IDisposable
{
    private const uint Modified = 0x2;
    private const short Readable = 1;
    private const int EventHeaderBytes = 16;
    private const int BufferBytes = 64 * 1024;
    private const long OpenProcessCall = 434;

    private readonly Lock _lock = new();
    private readonly Dictionary<int, List<FileWatch>> _files = [];
    private readonly Dictionary<int, ProcessWatch> _processes = [];
    private readonly int _notifier;
    private readonly int _wakeRead;
    private readonly int _wakeWrite;
    private readonly Thread _thread;
    private bool _disposed;

    /// <summary>Starts the thread.</summary>
    public KernelEvents()
    {
        _notifier = Libc.Check(Libc.CreateNotifier(Libc.OpenCloseOnExec | Libc.OpenNonBlocking), "inotify_init1");
        var wake = stackalloc int[2];
        Libc.Check(Libc.Pipe(wake, Libc.OpenCloseOnExec | Libc.OpenNonBlocking), "making a pipe");
        (_wakeRead, _wakeWrite) = (wake[0], wake[1]);
        _thread = new Thread(Run) { IsBackground = true, Name = "kernel events" };
        _thread.Start();
    }

    /// <summary>Calls back whenever a file is written to.</summary>
    /// <returns>Ends the watch when disposed.</returns>
    /// <exception cref="KernelException">The file is not there, or too much is watched.</exception>
    public IDisposable WatchFile(string path, Action changed)
    {
        lock (_lock)
        {
            var watch = new FileWatch(this, Libc.Check(Libc.AddWatch(_notifier, path, Modified), $"watching {path}"), changed);
            if (!_files.TryGetValue(watch.Id, out var all))
            {
                _files[watch.Id] = all = [];
            }

            all.Add(watch);
            return watch;
        }
    }

    /// <summary>Calls back once when a process has ended.</summary>
    /// <returns>Ends the watch when disposed; null if there is no such process.</returns>
    public IDisposable? WatchProcess(int process, Action ended)
    {
        var descriptor = (int)Libc.OpenProcess(OpenProcessCall, process, 0);
        if (descriptor < 0)
        {
            var failure = KernelException.Last($"watching process {process}");
            return failure.Error == KernelException.NoSuchProcess ? null : throw failure;
        }

        var watch = new ProcessWatch(this, descriptor, ended);
        lock (_lock)
        {
            _processes.Add(descriptor, watch);
        }

        Wake();
        return watch;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_lock)
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
        }

        Wake();
        _thread.Join();
        foreach (var descriptor in (ReadOnlySpan<int>)[_notifier, _wakeRead, _wakeWrite, .. _processes.Keys])
        {
            _ = Libc.Close(descriptor);
        }
    }

    private void Wake()
    {
        byte any = 0;
        _ = Libc.Write(_wakeWrite, &any, 1);
    }

    private void Run()
    {
        var buffer = new byte[BufferBytes];
        List<Action> callbacks = [];
        while (true)
        {
            Libc.PollEntry[] entries;
            lock (_lock)
            {
                if (_disposed)
                {
                    return;
                }

                entries = [Entry(_notifier), Entry(_wakeRead), .. _processes.Keys.Select(Entry)];
            }

            fixed (Libc.PollEntry* start = entries)
            {
                _ = Libc.Poll(start, (nuint)entries.Length, -1);
            }

            callbacks.Clear();
            lock (_lock)
            {
                _ = ReadAll(_wakeRead, buffer);
                AddFileCallbacks(ReadAll(_notifier, buffer), callbacks);
                foreach (var entry in entries.AsSpan(2))
                {
                    if (entry.Returned != 0 && _processes.Remove(entry.Descriptor, out var watch))
                    {
                        _ = Libc.Close(entry.Descriptor);
                        callbacks.Add(watch.Ended);
                    }
                }
            }

            callbacks.ForEach(callback => callback());
        }
    }

    private void AddFileCallbacks(ReadOnlySpan<byte> events, List<Action> callbacks)
    {
        while (events.Length >= EventHeaderBytes)
        {
            var id = BinaryPrimitives.ReadInt32LittleEndian(events);
            events = events[(EventHeaderBytes + BinaryPrimitives.ReadInt32LittleEndian(events[12..]))..];
            if (id < 0)
            {
                // The kernel's queue overflowed: everybody looks.
                callbacks.AddRange(_files.Values.SelectMany(all => all).Select(watch => watch.Changed));
            }
            else if (_files.TryGetValue(id, out var all))
            {
                callbacks.AddRange(all.Select(watch => watch.Changed));
            }
        }
    }

    private static ReadOnlySpan<byte> ReadAll(int descriptor, byte[] buffer)
    {
        fixed (byte* start = buffer)
        {
            var length = Libc.Read(descriptor, start, buffer.Length);
            return length > 0 ? buffer.AsSpan(0, (int)length) : default;
        }
    }

    private static Libc.PollEntry Entry(int descriptor) => new() { Descriptor = descriptor, Events = Readable };

    private void Remove(FileWatch watch)
    {
        lock (_lock)
        {
            if (!_disposed && _files.TryGetValue(watch.Id, out var all) && all.Remove(watch) && all.Count == 0)
            {
                _files.Remove(watch.Id);

                // Fails if the file is gone, and the watch with it.
                _ = Libc.RemoveWatch(_notifier, watch.Id);
            }
        }
    }

    private void Remove(ProcessWatch watch)
    {
        lock (_lock)
        {
            if (!_disposed && _processes.TryGetValue(watch.Descriptor, out var present) && present == watch)
            {
                _processes.Remove(watch.Descriptor);
                _ = Libc.Close(watch.Descriptor);
            }
        }
    }

    private sealed class FileWatch(KernelEvents owner, int id, Action changed) : IDisposable
    {
        public int Id => id;

        public Action Changed => changed;

        public void Dispose() => owner.Remove(this);
    }

    private sealed class ProcessWatch(KernelEvents owner, int descriptor, Action ended) : IDisposable
    {
        public int Descriptor => descriptor;

        public Action Ended => ended;

        public void Dispose() => owner.Remove(this);
    }
}
