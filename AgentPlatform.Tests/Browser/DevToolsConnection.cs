using System.Collections.Concurrent;
using System.Globalization;
using System.Net.Http.Json;
using System.Net.WebSockets;
using System.Text.Json;

namespace AgentPlatform.Tests.Browser;

/// <summary>Calls of Chromium's DevTools protocol to one page, over its WebSocket.</summary>
internal sealed class DevToolsConnection : IAsyncDisposable
{
    private const int MessageBytesMax = 64 * 1024 * 1024;

    private readonly ClientWebSocket _socket = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<JsonElement>> _calls = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly SemaphoreSlim _sending = new(1);
    private Task _receiving = Task.CompletedTask;
    private int _lastId;

    private DevToolsConnection()
    {
    }

    /// <summary>Connects to the browser's first page.</summary>
    public static async Task<DevToolsConnection> OpenPageAsync(int port, CancellationToken cancellationToken)
    {
        using var http = new HttpClient();
        var list = new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}/json/list"));
        var targets = await http.GetFromJsonAsync<JsonElement>(list, cancellationToken);
        var page = targets.EnumerateArray().First(target => target.GetProperty("type").GetString() == "page");
        var connection = new DevToolsConnection();
        await connection._socket.ConnectAsync(new Uri(page.GetProperty("webSocketDebuggerUrl").GetString()!), cancellationToken);
        connection._receiving = connection.ReceiveAsync();
        return connection;
    }

    /// <summary>Calls a method and waits for its result.</summary>
    /// <exception cref="InvalidOperationException">The browser answered with an error, or went away.</exception>
    public async Task<JsonElement> CallAsync(string method, object parameters, CancellationToken cancellationToken)
    {
        var id = Interlocked.Increment(ref _lastId);
        var answer = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[id] = answer;
        var message = JsonSerializer.SerializeToUtf8Bytes(new { id, method, @params = parameters });
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Text, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }

        return await answer.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _receiving;
        _socket.Dispose();
        _sending.Dispose();
        _ending.Dispose();
    }

    private async Task ReceiveAsync()
    {
        Exception reason = new InvalidOperationException("The browser went away.");
        try
        {
            while (await ReceiveMessageAsync() is { } message)
            {
                if (message.TryGetProperty("id", out var id) && _calls.TryRemove(id.GetInt32(), out var answer))
                {
                    Complete(answer, message);
                }
            }
        }
        catch (Exception exception) when (exception is WebSocketException or OperationCanceledException)
        {
            reason = exception;
        }

        foreach (var answer in _calls.Values)
        {
            answer.TrySetException(reason);
        }
    }

    private async Task<JsonElement?> ReceiveMessageAsync()
    {
        using var message = new MemoryStream();
        var buffer = new byte[64 * 1024];
        while (message.Length < MessageBytesMax)
        {
            var part = await _socket.ReceiveAsync(buffer, _ending.Token);
            if (part.MessageType == WebSocketMessageType.Close)
            {
                return null;
            }

            message.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
            {
                return JsonDocument.Parse(message.ToArray()).RootElement;
            }
        }

        throw new WebSocketException($"A message of more than {MessageBytesMax} bytes.");
    }

    private static void Complete(TaskCompletionSource<JsonElement> answer, JsonElement message)
    {
        if (message.TryGetProperty("error", out var error))
        {
            answer.TrySetException(new InvalidOperationException(error.ToString()));
        }
        else
        {
            answer.TrySetResult(message.GetProperty("result"));
        }
    }
}
