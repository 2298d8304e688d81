using System.Globalization;
using Services.Wsl2Host.Drivers.Linux.Native;

namespace Services.Wsl2Host.Drivers.Linux.Cgroups;

/// <summary>Reading and writing the files of one cgroup hierarchy.</summary>
internal static class CgroupFiles
{
    private const uint DirectoryMode = 0x1ED; // rwxr-xr-x

    /// <summary>Makes a group; one that is there is fine.</summary>
    public static void Make(string path)
    {
        if (Libc.MakeDirectory(path, DirectoryMode) != 0)
        {
            var failure = KernelException.Last($"making the cgroup {path}");
            if (failure.Error != KernelException.Exists)
            {
                throw failure;
            }
        }
    }

    /// <summary>Writes a value in one call, as the kernel wants it.</summary>
    public static void Write(string path, string value)
    {
        try
        {
            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(file, System.Text.Encoding.ASCII.GetBytes(value), 0);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"The cgroup file {path} did not take '{value}': {failure.Message}", failure);
        }
    }

    /// <summary>Writes a value where the file is there.</summary>
    public static void WriteIfPresent(string path, string value)
    {
        if (File.Exists(path))
        {
            Write(path, value);
        }
    }

    /// <summary>The value of a line <c>key value</c>; 0 if there is none.</summary>
    public static long ReadKey(string path, string key)
    {
        foreach (var line in ReadLines(path))
        {
            if (line.StartsWith(key, StringComparison.Ordinal) && line.Length > key.Length && line[key.Length] == ' ')
            {
                return Parse(line.AsSpan(key.Length + 1));
            }
        }

        return 0;
    }

    /// <summary>The one value of a file; 0 if it is not there.</summary>
    public static long ReadValue(string path) => ReadLines(path) is [var only, ..] ? Parse(only) : 0;

    /// <summary>The processes directly in a group.</summary>
    public static IReadOnlyList<int> Processes(string path) =>
        [.. ReadLines(Path.Combine(path, "cgroup.procs")).Select(line => (int)Parse(line)).Where(process => process > 0)];

    /// <summary>Takes an empty group away, with the groups below it.</summary>
    /// <returns>Whether it is gone.</returns>
    public static bool Remove(string path)
    {
        if (Libc.RemoveDirectory(path) == 0)
        {
            return true;
        }

        var failure = KernelException.Last($"removing the cgroup {path}");
        if (failure.Error == KernelException.NoSuchEntry)
        {
            return true;
        }

        var below = Children(path);
        return below.Count > 0 && below.All(child => Remove(Path.Combine(path, child))) && Libc.RemoveDirectory(path) == 0;
    }

    /// <summary>The names of the groups directly below one.</summary>
    public static IReadOnlyList<string> Children(string path) =>
        Directory.Exists(path) ? [.. Directory.EnumerateDirectories(path).Select(child => Path.GetFileName(child))] : [];

    private static string[] ReadLines(string path)
    {
        try
        {
            return File.ReadAllLines(path);
        }
        catch (Exception failure) when (failure is DirectoryNotFoundException or FileNotFoundException)
        {
            return [];
        }
        catch (IOException)
        {
            // A group that is removed while it is read answers ENODEV.
            return [];
        }
    }

    private static long Parse(ReadOnlySpan<char> text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : 0;
}
