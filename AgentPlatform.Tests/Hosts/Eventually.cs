namespace AgentPlatform.Tests.Hosts;

/// <summary>Waits for what comes about in another process, where nothing can be awaited.</summary>
internal static class Eventually
{
    /// <summary>How long a test waits for what must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan LookAgainSlowly = TimeSpan.FromMilliseconds(50);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static Task TrueAsync(Func<Task<bool>> condition, string what) => TrueAsync(condition, () => what, Patience, LookAgain);

    /// <summary>Waits for longer than usual, and says at the end how things stand then.</summary>
    public static Task TrueAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan patience) => TrueAsync(condition, what, patience, LookAgainSlowly);

    private static async Task TrueAsync(Func<Task<bool>> condition, Func<string> what, TimeSpan patience, TimeSpan lookAgain)
    {
        using var deadline = new CancellationTokenSource(patience);
        while (!await condition())
        {
            if (deadline.IsCancellationRequested)
            {
                Assert.Fail($"not in time: {what()}");
            }

            await Task.Delay(lookAgain, CancellationToken.None);
        }
    }
}
