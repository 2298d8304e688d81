using Services.Wsl2Host.Drivers.Linux.Native;

namespace Services.Wsl2Host.Drivers.Linux.Mounts;

/// <summary>The file systems of one instance.</summary>
internal static class Scratch
{
    /// <summary>Inodes take kernel memory too. One for every so many bytes is what ext4 gives as well.</summary>
    private const long BytesPerFile = 16 * 1024;

    private const long FilesMin = 4096;
    private const uint OwnerOnly = 0x1C0; // rwx------
    private const uint Everybody = 0x3FF; // rwxrwxrwt

    /// <summary>Makes the instance's disk. A directory of its own for each purpose, all within one size.</summary>
    public static void Create(InstancePlace place, uint user, long bytes)
    {
        Directory.CreateDirectory(place.Scratch);
        Mounting.Tmpfs(place.Scratch, bytes, Math.Max(FilesMin, bytes / BytesPerFile));
        foreach (var (path, mode) in (ReadOnlySpan<(string, uint)>)
                 [(place.Changes, 0x1ED), (place.OverlayWork, OwnerOnly), (place.Home, OwnerOnly), (place.Temporary, Everybody)])
        {
            Libc.Check(Libc.MakeDirectory(path, mode), $"making {path}");
            Libc.Check(Libc.ChangeMode(path, mode), $"setting the mode of {path}");
            Libc.Check(Libc.ChangeOwner(path, user, user), $"giving away {path}");
        }
    }

    /// <summary>Lays a checkout under the workspace.</summary>
    public static void Attach(InstancePlace place, string tree, int ownerMap)
    {
        Directory.CreateDirectory(place.Checkout);
        Directory.CreateDirectory(place.Workspace);
        Mounting.BindWithOwner(tree, place.Checkout, ownerMap);
        Mounting.Overlay(place.Workspace, place.Checkout, place.Changes, place.OverlayWork);
    }

    /// <summary>Takes the file systems away, and with them all that the instance wrote: what is mounted inside the disk goes with it.</summary>
    public static void Remove(InstancePlace place)
    {
        // A second mount at the same place is possible where a first attempt was interrupted.
        while (Directory.Exists(place.Scratch) && Mounting.Unmount(place.Scratch))
        {
        }
    }

    /// <summary>Whether the instance's disk is mounted.</summary>
    public static bool IsThere(InstancePlace place) => Directory.Exists(place.Changes);

    /// <summary>Bytes that the instance wrote.</summary>
    public static long Used(InstancePlace place)
    {
        try
        {
            var drive = new DriveInfo(place.Scratch);
            return drive.TotalSize - drive.TotalFreeSpace;
        }
        catch (Exception failure) when (failure is DriveNotFoundException or IOException)
        {
            return 0;
        }
    }
}
