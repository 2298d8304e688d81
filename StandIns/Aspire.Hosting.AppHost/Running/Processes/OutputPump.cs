using System.Text;

namespace Aspire.Hosting.Running.Processes;

/// <summary>
/// Reads one output stream of a child line by line on a thread of its own: .NET reads pipes blocking, and a blocked pool
/// thread for each stream of each resource would starve everything else on a small machine.
/// </summary>
internal static class OutputPump
{
    /// <summary>A longer line is delivered in pieces of this many characters.</summary>
    public const int LineLengthMax = 16 * 1024;

    /// <summary>Starts the thread; the task completes at the end of the stream.</summary>
    public static Task Start(Stream stream, string name, Action<string> onLine)
    {
        var finished = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() => Run(stream, onLine, finished), maxStackSize: 256 * 1024)
        {
            IsBackground = true,
            Name = name,
        };
        thread.Start();
        return finished.Task;
    }

    private static void Run(Stream stream, Action<string> onLine, TaskCompletionSource finished)
    {
        try
        {
            using var reader = new StreamReader(stream, Encoding.UTF8, detectEncodingFromByteOrderMarks: false, bufferSize: 4096);
            ReadLines(reader, onLine);
        }
        catch (Exception ex) when (ex is IOException or ObjectDisposedException)
        {
            // The pipe broke or was closed under the reader: the same as its end.
        }
        finally
        {
            finished.TrySetResult();
        }
    }

    /// <summary>Splits at \n or \r\n; the last line needs no end.</summary>
    internal static void ReadLines(TextReader reader, Action<string> onLine)
    {
        var line = new StringBuilder();
        var buffer = new char[4096];
        int read;
        while ((read = reader.Read(buffer, 0, buffer.Length)) > 0)
        {
            var rest = buffer.AsSpan(0, read);
            while (!rest.IsEmpty)
            {
                var end = rest.IndexOf('\n');
                Append(line, end < 0 ? rest : rest[..end], onLine);
                if (end < 0)
                {
                    break;
                }

                Flush(line, onLine);
                rest = rest[(end + 1)..];
            }
        }

        if (line.Length > 0)
        {
            Flush(line, onLine);
        }
    }

    private static void Append(StringBuilder line, ReadOnlySpan<char> text, Action<string> onLine)
    {
        while (line.Length + text.Length > LineLengthMax)
        {
            var room = LineLengthMax - line.Length;
            line.Append(text[..room]);
            text = text[room..];
            Flush(line, onLine);
        }

        line.Append(text);
    }

    private static void Flush(StringBuilder line, Action<string> onLine)
    {
        if (line.Length > 0 && line[^1] == '\r')
        {
            line.Length--;
        }

        onLine(line.ToString());
        line.Clear();
    }
}
