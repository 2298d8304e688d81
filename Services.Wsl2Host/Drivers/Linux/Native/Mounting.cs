using System.Globalization;

namespace Services.Wsl2Host.Drivers.Linux.Native;

/// <summary>Mounts, in this process's mount namespace.</summary>
internal static unsafe class Mounting
{
    private const ulong NoSetUserId = 2;
    private const ulong NoDevices = 4;
    private const ulong ReadOnly = 1;
    private const ulong Remount = 32;
    private const ulong Bind = 4096;
    private const int Detach = 2;

    private const long OpenTreeCall = 428;
    private const long MoveMountCall = 429;
    private const long SetMountAttributesCall = 442;
    private const uint CloneTree = 1;
    private const uint CloseOnExec = 0x80000;
    private const uint FromDescriptor = 4;
    private const uint FileNumber = 0x100;
    private const int FileFactsBytes = 256;
    private const ulong AttributeReadOnly = 0x1;
    private const ulong AttributeNoSetUserId = 0x2;
    private const ulong AttributeNoDevices = 0x4;
    private const ulong AttributeIdMap = 0x100000;

    /// <summary>A file system in memory that holds at most so many bytes.</summary>
    public static void Tmpfs(string target, long bytes, long files) =>
        Libc.Check(
            Libc.Mount(
                "agentplatform",
                target,
                "tmpfs",
                NoSetUserId | NoDevices,
                string.Create(CultureInfo.InvariantCulture, $"size={bytes},nr_inodes={files},mode=0711")),
            $"mounting a tmpfs at {target}");

    /// <summary>A directory whose unchanged files come from <paramref name="lower"/> and whose changes go to <paramref name="upper"/>.</summary>
    public static void Overlay(string target, string lower, string upper, string work) =>
        Libc.Check(
            Libc.Mount("agentplatform", target, "overlay", NoSetUserId | NoDevices, $"lowerdir={lower},upperdir={upper},workdir={work}"),
            $"mounting an overlay at {target}");

    /// <summary>A directory seen at another place, read-only.</summary>
    public static void BindReadOnly(string source, string target) => Show(source, target, ReadOnly);

    /// <summary>A directory seen at another place.</summary>
    public static void BindWritable(string source, string target) => Show(source, target, 0);

    private static void Show(string source, string target, ulong flags)
    {
        Libc.Check(Libc.Mount(source, target, null, Bind, null), $"binding {source}");
        Libc.Check(Libc.Mount(null, target, null, Bind | Remount | flags | NoSetUserId | NoDevices, null), $"setting how {target} is mounted");
    }

    /// <summary>
    /// A directory seen at another place, read-only, and with its owner exchanged: what belongs to one user there belongs to another here.
    /// One checkout serves many instances so, and each owns its files.
    /// </summary>
    /// <param name="source">The directory.</param>
    /// <param name="target">The place.</param>
    /// <param name="userNamespace">A user namespace whose map says which user becomes which; see <see cref="UserNamespaces"/>.</param>
    public static void BindWithOwner(string source, string target, int userNamespace)
    {
        var tree = (int)Libc.Check(Libc.OpenTree(OpenTreeCall, Libc.AtFdCwd, source, CloneTree | CloseOnExec), $"opening {source} as a mount");
        try
        {
            var attributes = new MountAttributes
            {
                Set = AttributeIdMap | AttributeReadOnly | AttributeNoSetUserId | AttributeNoDevices,
                UserNamespace = (ulong)userNamespace,
            };
            Libc.Check(
                Libc.SetMountAttributes(SetMountAttributesCall, tree, "", Libc.AtEmptyPath, &attributes, (nuint)sizeof(MountAttributes)),
                $"mapping the owner of {source}");
            Libc.Check(Libc.MoveMount(MoveMountCall, tree, "", Libc.AtFdCwd, target, FromDescriptor), $"mounting at {target}");
        }
        finally
        {
            _ = Libc.Close(tree);
        }
    }

    /// <summary>Takes a mount away, at once for everybody who looks for it and in truth when the last user is gone.</summary>
    /// <returns>Whether there was one.</returns>
    public static bool Unmount(string target)
    {
        if (Libc.Unmount(target, Detach) == 0)
        {
            return true;
        }

        var failure = KernelException.Last($"unmounting {target}");
        return failure.Error is KernelException.Invalid or KernelException.NoSuchEntry ? false : throw failure;
    }

    /// <summary>Whether two paths lead to one directory, such as a directory and the place where it is mounted once more.</summary>
    public static bool IsSameDirectory(string one, string other) => Identify(one) == Identify(other);

    private static (ulong Number, uint Major, uint Minor) Identify(string path)
    {
        var facts = stackalloc byte[FileFactsBytes];
        Libc.Check(Libc.FileFacts(Libc.AtFdCwd, path, 0, FileNumber, facts), $"looking at {path}");
        return (*(ulong*)(facts + 32), *(uint*)(facts + 136), *(uint*)(facts + 140));
    }

    private struct MountAttributes
    {
        public ulong Set;
        public ulong Clear;
        public ulong Propagation;
        public ulong UserNamespace;
    }
}
