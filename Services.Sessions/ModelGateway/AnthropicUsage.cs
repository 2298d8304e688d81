using System.Buffers;
using System.Text.Json;

namespace Services.Sessions.ModelGateway;

/// <summary>Reads the token counts out of an answer as it passes: of a JSON body, or of the events of a stream. Nothing else is kept.</summary>
internal sealed class AnthropicUsage(bool stream)
{
    /// <summary>Counts stand in short lines and small bodies; what is longer carries content and is passed by.</summary>
    private const int KeptMax = 1024 * 1024;
    private readonly ArrayBufferWriter<byte> _kept = new();
    private long _input;
    private long _output;

    public ModelUsage Total
    {
        get
        {
            if (!stream && _kept.WrittenCount is > 0 and < KeptMax)
            {
                Count(_kept.WrittenMemory);
                _kept.ResetWrittenCount();
            }

            return new ModelUsage(_input, _output);
        }
    }

    public void Pass(ReadOnlySpan<byte> bytes)
    {
        if (!stream)
        {
            Keep(bytes);
            return;
        }

        while (bytes.IndexOf((byte)'\n') is var end and >= 0)
        {
            Keep(bytes[..end]);
            var line = _kept.WrittenMemory;
            if (line.Span.StartsWith("data:"u8) && line.Span.IndexOf("\"usage\""u8) >= 0)
            {
                Count(line[5..]);
            }

            _kept.ResetWrittenCount();
            bytes = bytes[(end + 1)..];
        }

        Keep(bytes);
    }

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_kept.WrittenCount + bytes.Length <= KeptMax)
        {
            _kept.Write(bytes);
        }
    }

    private void Count(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return;
            }

            var holder = root.TryGetProperty("message", out var message) && message.ValueKind == JsonValueKind.Object ? message : root;
            if (!holder.TryGetProperty("usage", out var usage) || usage.ValueKind != JsonValueKind.Object)
            {
                return;
            }

            // Later events repeat and raise the counts: the largest of each is the total.
            _input = Math.Max(_input, Number(usage, "input_tokens") + Number(usage, "cache_read_input_tokens") + Number(usage, "cache_creation_input_tokens"));
            _output = Math.Max(_output, Number(usage, "output_tokens"));
        }
        catch (JsonException)
        {
            // A line that was cut: the counts before it stand.
        }
    }

    private static long Number(JsonElement usage, string name) =>
        usage.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : 0;
}
