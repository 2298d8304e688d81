namespace AgentPlatform.Tests.Hosts;

/// <summary>Waits for what comes about in another process, where nothing can be awaited.</summary>
internal static class Eventually
{
    /// <summary>How long a test waits for what must happen.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var deadline = new CancellationTokenSource(Patience);
        while (!await condition())
        {
            Assert.False(deadline.IsCancellationRequested, $"not in time: {what}");
            await Task.Delay(5, CancellationToken.None);
        }
    }
}
