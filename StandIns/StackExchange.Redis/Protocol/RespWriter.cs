using System.Buffers.Text;
using System.Text;

namespace StackExchange.Redis.Protocol;

/// <summary>Writes commands of the second protocol: a list of byte strings, the command's name first.</summary>
internal static class RespWriter
{
    private const int LengthOfNumberMax = 20;

    public static byte[] Write(string command, params ReadOnlySpan<RedisValue> arguments)
    {
        var name = Encoding.UTF8.GetBytes(command);
        var contents = new byte[arguments.Length][];
        var size = 2 * LengthOfNumberMax + name.Length;
        for (var i = 0; i < arguments.Length; i++)
        {
            contents[i] = (byte[]?)arguments[i] ?? [];
            size += LengthOfNumberMax + contents[i].Length;
        }

        var buffer = new byte[size];
        var written = WriteLength(buffer, 0, '*', arguments.Length + 1);
        written = WriteBytes(buffer, written, name);
        foreach (var content in contents)
        {
            written = WriteBytes(buffer, written, content);
        }

        Array.Resize(ref buffer, written);
        return buffer;
    }

    private static int WriteBytes(byte[] buffer, int at, byte[] content)
    {
        at = WriteLength(buffer, at, '$', content.Length);
        content.CopyTo(buffer, at);
        return WriteLineEnd(buffer, at + content.Length);
    }

    private static int WriteLength(byte[] buffer, int at, char kind, int length)
    {
        buffer[at] = (byte)kind;
        Utf8Formatter.TryFormat(length, buffer.AsSpan(at + 1), out var digits);
        return WriteLineEnd(buffer, at + 1 + digits);
    }

    private static int WriteLineEnd(byte[] buffer, int at)
    {
        "\r\n"u8.CopyTo(buffer.AsSpan(at));
        return at + 2;
    }
}
