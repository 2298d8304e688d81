using System.Net.Sockets;

namespace Services.Wsl2Host.Doors;

/// <summary>Sockets on which one instance reaches one thing. Closing it cuts what came through it.</summary>
internal sealed class Door : IAsyncDisposable
{
    private readonly CancellationTokenSource _closed = new();
    private readonly List<Socket> _listeners = [];
    private readonly List<Task> _loops = [];
    private readonly SemaphoreSlim _places;
    private readonly Func<Socket, CancellationToken, Task> _serve;

    /// <summary>A door that is still shut.</summary>
    /// <param name="connectionsMax">Connections at the same time; more wait.</param>
    /// <param name="serve">Serves a connection, and owns its socket.</param>
    public Door(int connectionsMax, Func<Socket, CancellationToken, Task> serve)
    {
        _places = new SemaphoreSlim(connectionsMax, connectionsMax);
        _serve = serve;
    }

    /// <summary>Takes connections from a listening socket, and owns it.</summary>
    public void Listen(Socket listener)
    {
        _listeners.Add(listener);
        _loops.Add(AcceptAsync(listener));
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        _listeners.ForEach(listener => listener.Dispose());
        await Task.WhenAll(_loops);
        _closed.Dispose();
    }

    private async Task AcceptAsync(Socket listener)
    {
        var closed = _closed.Token;
        try
        {
            while (true)
            {
                await _places.WaitAsync(closed);
                _ = ServeAsync(await listener.AcceptAsync(closed), closed);
            }
        }
        catch (Exception failure) when (failure is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // Closed, or the instance's network is gone.
        }
    }

    private async Task ServeAsync(Socket connection, CancellationToken closed)
    {
        try
        {
            await _serve(connection, closed);
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or SocketException or ObjectDisposedException)
        {
            // The other side went, or the door was closed.
        }
        finally
        {
            connection.Dispose();
            _places.Release();
        }
    }
}
