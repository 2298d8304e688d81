using System.Globalization;
using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Running.Logs;

/// <summary>A line as it was written.</summary>
internal sealed record ConsoleLine(int Number, DateTimeOffset Time, string Text, bool IsError)
{
    public LogLine ToLogLine() =>
        new(Number, string.Create(CultureInfo.InvariantCulture, $"{Time.UtcDateTime:O} {Text}"), IsError);
}

/// <summary>
/// The newest console output of one instance, bounded in lines and in characters. Readers keep their own place by line number,
/// so a slow one costs nothing and merely misses what has been dropped.
/// </summary>
internal sealed class ConsoleLog(TimeProvider time)
{
    public const int LinesMax = 10_000;
    public const int CharactersMax = 4 * 1024 * 1024;
    private const int BatchMax = 500;

    private readonly Queue<ConsoleLine> _lines = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = NewSignal();
    private int _characters;
    private int _last;

    /// <summary>Adds a line.</summary>
    public ConsoleLine Append(string text, bool isError)
    {
        TaskCompletionSource changed;
        ConsoleLine line;
        lock (_gate)
        {
            line = new ConsoleLine(++_last, time.GetUtcNow(), text, isError);
            _lines.Enqueue(line);
            _characters += text.Length;
            while (_lines.Count > LinesMax || _characters > CharactersMax)
            {
                _characters -= _lines.Dequeue().Text.Length;
            }

            changed = _changed;
            _changed = NewSignal();
        }

        changed.TrySetResult();
        return line;
    }

    /// <summary>The newest lines, oldest first.</summary>
    public IReadOnlyList<ConsoleLine> Tail(int count)
    {
        lock (_gate)
        {
            return [.. _lines.Skip(Math.Max(0, _lines.Count - count))];
        }
    }

    /// <summary>What is kept, and, where asked for, everything that follows, in batches.</summary>
    public async IAsyncEnumerable<IReadOnlyList<ConsoleLine>> ReadAsync(
        bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var read = 0;
        while (true)
        {
            ConsoleLine[] batch;
            Task changed;
            lock (_gate)
            {
                batch = [.. _lines.SkipWhile(line => line.Number <= read).Take(BatchMax)];
                changed = _changed.Task;
            }

            if (batch.Length > 0)
            {
                read = batch[^1].Number;
                yield return batch;
            }
            else if (follow)
            {
                await changed.WaitAsync(cancellationToken);
            }
            else
            {
                yield break;
            }
        }
    }

    /// <summary>The same for several logs at once; each keeps its own numbers.</summary>
    public static async IAsyncEnumerable<IReadOnlyList<ConsoleLine>> ReadAllAsync(
        IReadOnlyCollection<ConsoleLog> logs, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var merged = Channel.CreateBounded<IReadOnlyList<ConsoleLine>>(logs.Count);
        var copying = CopyAllAsync(logs, follow, merged.Writer, ending.Token);
        try
        {
            await foreach (var batch in merged.Reader.ReadAllAsync(cancellationToken))
            {
                yield return batch;
            }
        }
        finally
        {
            await ending.CancelAsync();
            await copying;
        }
    }

    private static async Task CopyAllAsync(
        IEnumerable<ConsoleLog> logs, bool follow, ChannelWriter<IReadOnlyList<ConsoleLine>> writer, CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(logs.Select(log => CopyAsync(log, follow, writer, cancellationToken)));
        }
        catch (OperationCanceledException)
        {
            // The reader has left.
        }
        finally
        {
            writer.Complete();
        }
    }

    private static async Task CopyAsync(
        ConsoleLog log, bool follow, ChannelWriter<IReadOnlyList<ConsoleLine>> writer, CancellationToken cancellationToken)
    {
        await foreach (var batch in log.ReadAsync(follow, cancellationToken))
        {
            await writer.WriteAsync(batch, cancellationToken);
        }
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
