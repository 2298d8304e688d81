using System.Buffers;

namespace Services.Webhooks.Payloads;

/// <summary>Takes the payload out of a form-encoded body.</summary>
internal static class FormPayload
{
    /// <summary>Decodes the field <c>payload</c> into a buffer as large as the body at least.</summary>
    /// <param name="form">The body.</param>
    /// <param name="destination">Receives the payload.</param>
    /// <param name="written">Its length.</param>
    /// <returns>False if the field is missing, there twice, or badly escaped.</returns>
    public static bool TryDecode(ReadOnlySpan<byte> form, Span<byte> destination, out int written)
    {
        written = 0;
        var found = false;
        foreach (var range in form.Split((byte)'&'))
        {
            var field = form[range];
            if (!field.StartsWith("payload="u8))
            {
                continue;
            }

            if (found || !TryUnescape(field["payload="u8.Length..], destination, out written))
            {
                return false;
            }

            found = true;
        }

        return found;
    }

    private static bool TryUnescape(ReadOnlySpan<byte> escaped, Span<byte> destination, out int written)
    {
        written = 0;
        while (!escaped.IsEmpty)
        {
            var plain = escaped.IndexOfAny((byte)'%', (byte)'+');
            plain = plain < 0 ? escaped.Length : plain;
            escaped[..plain].CopyTo(destination[written..]);
            written += plain;
            escaped = escaped[plain..];
            if (escaped.IsEmpty)
            {
                break;
            }

            if (escaped[0] == (byte)'+')
            {
                destination[written++] = (byte)' ';
                escaped = escaped[1..];
            }
            else if (escaped.Length >= 3 && Convert.FromHexString(escaped.Slice(1, 2), destination.Slice(written, 1), out _, out _) == OperationStatus.Done)
            {
                written++;
                escaped = escaped[3..];
            }
            else
            {
                return false;
            }
        }

        return true;
    }
}
