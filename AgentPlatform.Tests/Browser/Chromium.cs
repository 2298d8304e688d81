using System.Diagnostics;

namespace AgentPlatform.Tests.Browser;

/// <summary>
/// A headless Chromium with one page, driven over its DevTools protocol. Each has a profile of its own, which is removed with it.
/// </summary>
public sealed class Chromium : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "chrome.exe"];
    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(30);

    private readonly Process _process;
    private readonly DirectoryInfo _profile;
    private readonly DevToolsConnection _page;

    private Chromium(Process process, DirectoryInfo profile, DevToolsConnection page)
    {
        _process = process;
        _profile = profile;
        _page = page;
    }

    /// <summary>The program; null where this machine has none.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(directory => Names.Select(name => Path.Combine(directory, name)))
        .FirstOrDefault(File.Exists);

    /// <summary>Starts a browser with an empty page.</summary>
    public static async Task<Chromium> StartAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(StartMax);
        var profile = Directory.CreateTempSubdirectory("chromium-tests-");
        var start = new ProcessStartInfo(Program ?? throw new InvalidOperationException("There is no Chromium on PATH."))
        {
            RedirectStandardError = true,
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--window-size=1600,1000",
                "--remote-debugging-port=0", $"--user-data-dir={profile.FullName}", "about:blank",
            },
        };
        var process = Process.Start(start)!;
        try
        {
            var port = await ReadPortAsync(process).WaitAsync(deadline.Token);
            return new Chromium(process, profile, await DevToolsConnection.OpenPageAsync(port, deadline.Token));
        }
        catch
        {
            await EndAsync(process, profile);
            throw;
        }
    }

    /// <summary>Opens an address.</summary>
    public Task OpenAsync(string address, CancellationToken cancellationToken) =>
        _page.CallAsync("Page.navigate", new { url = address }, cancellationToken);

    /// <summary>The value of a JavaScript expression in the page, as text.</summary>
    public async Task<string> EvaluateAsync(string expression, CancellationToken cancellationToken)
    {
        var result = await _page.CallAsync("Runtime.evaluate", new { expression, returnByValue = true, awaitPromise = true }, cancellationToken);
        return result.GetProperty("result").TryGetProperty("value", out var value) ? value.ToString() : "";
    }

    /// <summary>The text that the page shows.</summary>
    public Task<string> TextAsync(CancellationToken cancellationToken) =>
        EvaluateAsync("document.body ? document.body.innerText : ''", cancellationToken);

    /// <summary>Waits until the page's text satisfies a condition; the token is the deadline, and its failure shows the text.</summary>
    public async Task<string> WaitForTextAsync(Func<string, bool> condition, CancellationToken cancellationToken)
    {
        var text = "";
        try
        {
            while (true)
            {
                text = await TextAsync(cancellationToken);
                if (condition(text))
                {
                    return text;
                }

                await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The page never showed what was waited for. It shows:{Environment.NewLine}{text}");
        }
    }

    /// <summary>A picture of the page, as PNG.</summary>
    public async Task<byte[]> ScreenshotAsync(CancellationToken cancellationToken)
    {
        var result = await _page.CallAsync("Page.captureScreenshot", new { format = "png" }, cancellationToken);
        return result.GetProperty("data").GetBytesFromBase64();
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        await EndAsync(_process, _profile);
    }

    /// <summary>Takes the port from what the browser says at its start, and goes on reading: a full pipe would stop it.</summary>
    private static Task<int> ReadPortAsync(Process process)
    {
        const string Announcement = "DevTools listening on ";
        var port = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                port.TrySetException(new InvalidOperationException("Chromium ended before it listened."));
            }
            else if (line.Data.StartsWith(Announcement, StringComparison.Ordinal))
            {
                port.TrySetResult(new Uri(line.Data[Announcement.Length..]).Port);
            }
        };
        process.BeginErrorReadLine();
        return port.Task;
    }

    private static async Task EndAsync(Process process, DirectoryInfo profile)
    {
        process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        process.Dispose();
        profile.Delete(recursive: true);
    }
}
