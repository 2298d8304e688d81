using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using AgentPlatform.Emulators.Models.Behaviour;

namespace AgentPlatform.Emulators.Models;

/// <summary>An answer as server-sent events, given in the manner that was asked for: slowly, or broken off in the middle.</summary>
internal sealed class EventStream(HttpContext context, Manner manner, TimeProvider time)
{
    private const int PieceLength = 24;
    private static readonly TimeSpan BeforeCut = TimeSpan.FromMilliseconds(200);
    private static readonly JsonSerializerOptions Compact = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private int _pieces;

    /// <summary>True once the connection was broken; nothing more is written.</summary>
    public bool IsCut { get; private set; }

    public void Begin()
    {
        context.Response.ContentType = "text/event-stream; charset=utf-8";
        context.Response.Headers.CacheControl = "no-cache";
    }

    /// <summary>Writes one event. Without a name only its data are written, as OpenAI's older stream has it.</summary>
    public async Task SendAsync(string? name, JsonNode data)
    {
        if (IsCut)
        {
            return;
        }

        var text = $"{(name is null ? string.Empty : $"event: {name}\n")}data: {data.ToJsonString(Compact)}\n\n";
        await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
        await context.Response.Body.FlushAsync(context.RequestAborted);
    }

    /// <summary>Writes a line of data that is not JSON.</summary>
    public async Task SendAsync(string data)
    {
        if (!IsCut)
        {
            await context.Response.WriteAsync($"data: {data}\n\n", context.RequestAborted);
        }
    }

    /// <summary>Cuts a text into pieces, and waits or breaks off between them where that was asked for.</summary>
    public async IAsyncEnumerable<string> PiecesAsync(string text)
    {
        foreach (var piece in text.Chunk(PieceLength).Select(chunk => new string(chunk)))
        {
            if (manner.Cut && _pieces++ > 0)
            {
                await CutAsync();
                yield break;
            }

            if (manner.PerPiece > TimeSpan.Zero)
            {
                await Task.Delay(manner.PerPiece, time, context.RequestAborted);
            }

            yield return piece;
        }
    }

    /// <summary>A cut answer that was too short for a break in its middle is broken off at its end.</summary>
    public Task CutIfDueAsync() => manner.Cut && !IsCut ? CutAsync() : Task.CompletedTask;

    private async Task CutAsync()
    {
        IsCut = true;
        if (context.Response.HasStarted)
        {
            // A broken connection discards what the client has not read yet; the break is to be seen after the beginning.
            await Task.Delay(BeforeCut, time, context.RequestAborted);
        }

        context.Abort();
    }
}
