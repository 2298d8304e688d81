using System.Runtime.InteropServices;

namespace Services.Wsl2Host.Drivers.Linux.Native;

/// <summary>
/// Starts a program with <c>posix_spawn</c>: in a session of its own, with default signals and exactly the given descriptors. Unlike
/// <see cref="System.Diagnostics.Process"/> it can hand over any descriptor, and it does not tie the child to this process's streams.
/// The child begins in the namespaces of the calling thread.
/// </summary>
internal static unsafe partial class ProcessSpawn
{
    private const short SetSignalMask = 0x08;
    private const short SetSignalDefaults = 0x04;
    private const short NewSession = 0x80;
    private const int SignalSetBytes = 128;

    // glibc needs 336 and 80 bytes, musl fewer.
    private const int AttributeBytes = 512;
    private const int ActionBytes = 256;

    /// <summary>Starts a program.</summary>
    /// <param name="argv">The program's absolute path and its arguments.</param>
    /// <param name="environment">The whole environment, as <c>NAME=value</c>.</param>
    /// <param name="descriptors">What the child finds under which number; everything else is closed.</param>
    /// <returns>The process id.</returns>
    /// <exception cref="KernelException">The program could not be started.</exception>
    public static int Start(IReadOnlyList<string> argv, IReadOnlyList<string> environment, params ReadOnlySpan<ChildDescriptor> descriptors)
    {
        var attributes = stackalloc byte[AttributeBytes];
        var actions = stackalloc byte[ActionBytes];
        var signals = stackalloc byte[SignalSetBytes];
        using var arguments = new NativeStrings(argv);
        using var variables = new NativeStrings(environment);
        Span<int> sources = stackalloc int[descriptors.Length];
        var duplicated = 0;

        Succeed(InitializeAttributes(attributes), "posix_spawnattr_init");
        Succeed(InitializeActions(actions), "posix_spawn_file_actions_init");
        try
        {
            Succeed(SetFlags(attributes, SetSignalMask | SetSignalDefaults | NewSession), "posix_spawnattr_setflags");
            new Span<byte>(signals, SignalSetBytes).Clear();
            Succeed(SetMask(attributes, signals), "posix_spawnattr_setsigmask");
            new Span<byte>(signals, SignalSetBytes).Fill(0xFF);
            Succeed(SetDefaults(attributes, signals), "posix_spawnattr_setsigdefault");
            for (; duplicated < descriptors.Length; duplicated++)
            {
                // Above every target, so that handing over one never overwrites another that is still to come.
                sources[duplicated] = Libc.Check(Libc.DuplicateFrom(descriptors[duplicated].Source, ChildDescriptor.TargetMax + 1), "duplicating a descriptor");
                Succeed(AddDuplicate(actions, sources[duplicated], descriptors[duplicated].Target), "posix_spawn_file_actions_adddup2");
            }

            // What this process inherited from its own parent without close-on-exec must not reach a sandbox.
            Succeed(AddCloseFrom(actions, ChildDescriptor.TargetMax + 1), "posix_spawn_file_actions_addclosefrom_np");
            int process;
            Succeed(Spawn(&process, argv[0], actions, attributes, arguments.Pointer, variables.Pointer), $"starting {argv[0]}");
            return process;
        }
        finally
        {
            foreach (var source in sources[..duplicated])
            {
                _ = Libc.Close(source);
            }

            _ = DestroyActions(actions);
            _ = DestroyAttributes(attributes);
        }
    }

    private static void Succeed(int error, string what)
    {
        if (error != 0)
        {
            throw new KernelException(what, error);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(int* process, string path, byte* actions, byte* attributes, byte** argv, byte** environment);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int InitializeAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int DestroyAttributes(byte* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(byte* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(byte* attributes, byte* signals);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int InitializeActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int DestroyActions(byte* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(byte* actions, int source, int target);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    private static partial int AddCloseFrom(byte* actions, int from);

    /// <summary>A null-terminated array of C strings.</summary>
    private readonly ref struct NativeStrings
    {
        private readonly int _count;

        public NativeStrings(IReadOnlyList<string> strings)
        {
            _count = strings.Count;
            Pointer = (byte**)NativeMemory.AllocZeroed((nuint)(_count + 1), (nuint)sizeof(byte*));
            for (var i = 0; i < _count; i++)
            {
                Pointer[i] = (byte*)Marshal.StringToCoTaskMemUTF8(strings[i]);
            }
        }

        public byte** Pointer { get; }

        public void Dispose()
        {
            for (var i = 0; i < _count; i++)
            {
                Marshal.FreeCoTaskMem((nint)Pointer[i]);
            }

            NativeMemory.Free(Pointer);
        }
    }
}

/// <summary>A descriptor for a child.</summary>
/// <param name="Source">Its number here.</param>
/// <param name="Target">Its number there, at most <see cref="TargetMax"/>.</param>
internal readonly record struct ChildDescriptor(int Source, int Target)
{
    /// <summary>Shells know one-digit descriptors only.</summary>
    public const int TargetMax = 9;
}
