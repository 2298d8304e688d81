using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace AgentPlatform.Benchmarks.Shared;

/// <summary>Reads an answer of HTTP/1.1 from a socket, with as little work as a load generator can do.</summary>
internal static class HttpAnswer
{
    /// <summary>Reads one answer to its end.</summary>
    /// <param name="socket">The connection.</param>
    /// <param name="buffer">Large enough for the answer.</param>
    /// <param name="status">The only status that counts as an answer.</param>
    public static async ValueTask ReadAsync(Socket socket, byte[] buffer, int status)
    {
        var length = 0;
        while (true)
        {
            var read = await socket.ReceiveAsync(buffer.AsMemory(length));
            if (read == 0)
            {
                throw new IOException("The server ended the connection.");
            }

            length += read;
            if (IsWhole(buffer.AsSpan(0, length), status))
            {
                return;
            }
        }
    }

    /// <summary>Whether an answer has come to its end.</summary>
    /// <param name="answer">What has come of it.</param>
    /// <param name="status">The only status that counts as an answer.</param>
    public static bool IsWhole(ReadOnlySpan<byte> answer, int status)
    {
        var end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0)
        {
            return false;
        }

        var head = answer[..end];
        if (int.Parse(head.Slice(9, 3), CultureInfo.InvariantCulture) != status)
        {
            throw new InvalidOperationException($"The server answered:\n{Encoding.UTF8.GetString(answer)}");
        }

        // Servers announce the length, or say that the end of the only chunk is the end.
        var at = head.IndexOf("Content-Length: "u8);
        at = at < 0 ? head.IndexOf("content-length: "u8) : at;
        if (at < 0)
        {
            return answer.EndsWith("0\r\n\r\n"u8);
        }

        var value = head[(at + "Content-Length: ".Length)..];
        value = value.IndexOf((byte)'\r') is >= 0 and var line ? value[..line] : value;
        return answer.Length >= end + 4 + int.Parse(value, CultureInfo.InvariantCulture);
    }
}
