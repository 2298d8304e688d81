using Aspire.Hosting.Running.Processes;

namespace Aspire.Hosting.Running.Programs;

/// <summary>Runs a program that prepares another one, to its end.</summary>
internal static class HelperProgram
{
    private const int LinesShown = 20;

    /// <summary>Runs the program.</summary>
    /// <exception cref="DistributedApplicationException">It failed; the message has the last of what it wrote.</exception>
    public static async Task RunAsync(
        Lifeline lifeline, ProcessSpec spec, TimeSpan limit, TimeProvider time, CancellationToken cancellationToken)
    {
        var lines = new Queue<string>();
        var process = lifeline.Start(spec, (line, _) =>
        {
            lock (lines)
            {
                lines.Enqueue(line);
                if (lines.Count > LinesShown)
                {
                    lines.Dequeue();
                }
            }
        });

        var name = Path.GetFileName(spec.FileName);
        try
        {
            var exitCode = await process.Exited.WaitAsync(limit, time, cancellationToken);
            if (exitCode != 0)
            {
                lock (lines)
                {
                    throw new DistributedApplicationException(
                        $"'{name}' failed with exit code {exitCode}:{Environment.NewLine}{string.Join(Environment.NewLine, lines)}");
                }
            }
        }
        catch (TimeoutException)
        {
            throw new DistributedApplicationException($"'{name}' did not end within {limit.TotalSeconds} s.");
        }
        finally
        {
            process.Kill();
        }
    }
}
