using System.Globalization;
using AgentPlatform.Contracts.Hosts;

namespace Services.Wsl2Host.Drivers.Files;

/// <summary>
/// Numbered writes to a command's input, exactly once also over the death of the host: each write is a file of its own, which is put in place as a
/// whole or not at all, and one process of the command's own carries every file on once. A number that is there is known.
/// </summary>
/// <param name="directory">The directory of the inputs.</param>
internal sealed class InputFiles(string directory)
{
    /// <summary>After this file nothing follows.</summary>
    public const string LastSuffix = ".last";

    /// <summary>What all writes to one command may come to.</summary>
    private const long TotalBytesMax = 256L * 1024 * 1024;

    private const string Prefix = "in.";

    /// <summary>The last accepted write, and whether the input has ended.</summary>
    public (long Number, bool Ended) Position()
    {
        var (number, ended) = (0L, false);
        foreach (var (found, last, _, _) in List())
        {
            number = Math.Max(number, found);
            ended |= last;
        }

        return (number, ended);
    }

    /// <summary>Accepts a write, or recognises it as known.</summary>
    /// <returns>The number of the last accepted write.</returns>
    /// <exception cref="HostRefusal">The number is not the next one, or the input has ended.</exception>
    public long Write(long number, ReadOnlySpan<byte> data, bool end)
    {
        var (last, ended) = Position();
        if (number < 1 || number > last + 1)
        {
            throw HostRefusal.InputGap(last + 1);
        }

        if (number <= last)
        {
            return last;
        }

        if (ended)
        {
            throw HostRefusal.Conflict(HostProblemCodes.InputClosed, "The input has ended.");
        }

        if (List().Sum(input => input.Bytes) + data.Length > TotalBytesMax)
        {
            throw HostRefusal.Conflict(HostProblemCodes.InputClosed, $"The command has been given {TotalBytesMax} bytes of input, which is all that it may have.");
        }

        var name = string.Create(CultureInfo.InvariantCulture, $"{Prefix}{number}{(end ? LastSuffix : "")}");
        var temporary = Path.Combine(directory, "write.tmp");
        using (var file = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0))
        {
            file.Write(data);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, Path.Combine(directory, name));
        return number;
    }

    /// <summary>All accepted input in order.</summary>
    public IEnumerable<string> Paths() => List().OrderBy(input => input.Number).Select(input => input.Path);

    private IEnumerable<(long Number, bool Last, long Bytes, string Path)> ListAll()
    {
        foreach (var file in new DirectoryInfo(directory).EnumerateFiles($"{Prefix}*"))
        {
            var last = file.Name.EndsWith(LastSuffix, StringComparison.Ordinal);
            var digits = file.Name.AsSpan(Prefix.Length, file.Name.Length - Prefix.Length - (last ? LastSuffix.Length : 0));
            if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                yield return (number, last, file.Length, file.FullName);
            }
        }
    }

    private IEnumerable<(long Number, bool Last, long Bytes, string Path)> List() => Directory.Exists(directory) ? ListAll() : [];
}
