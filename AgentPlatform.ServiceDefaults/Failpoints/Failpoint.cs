namespace AgentPlatform.ServiceDefaults.Failpoints;

/// <summary>
/// Named places on the road at which a test can hold a process, to end it, or something that it needs, exactly there. Off unless
/// <c>Failpoints:Directory</c> is set, which only Development accepts; then a file <c>NAME.hold</c> in that directory holds the first
/// process that comes by, which renames the file to <c>NAME.held</c>, and it goes on when that file is removed.
/// </summary>
public static class Failpoint
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(10);
    private static string? s_directory;

    /// <summary>Passes the place, or stays there for as long as a test wants.</summary>
    /// <param name="name">One of <see cref="FailpointNames"/>.</param>
    /// <returns>Completed at once where failpoints are off.</returns>
    public static ValueTask PassAsync(string name) => s_directory is { } directory ? PassAsync(directory, name) : ValueTask.CompletedTask;

    internal static void Arm(string directory) => s_directory = directory;

    private static async ValueTask PassAsync(string directory, string name)
    {
        var (hold, held) = (Path.Combine(directory, $"{name}.hold"), Path.Combine(directory, $"{name}.held"));
        if (!File.Exists(hold))
        {
            return;
        }

        try
        {
            File.Move(hold, held);
        }
        catch (FileNotFoundException)
        {
            // Another process came by first.
            return;
        }

        while (File.Exists(held))
        {
            await Task.Delay(LookAgain, TimeProvider.System);
        }
    }
}
