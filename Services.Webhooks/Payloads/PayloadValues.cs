using System.Buffers;
using System.Text.Json;

namespace Services.Webhooks.Payloads;

/// <summary>
/// Reads single values of a payload. Each method leaves the reader behind the value, whatever it was; a value of another form than expected is null,
/// because a hint that cannot be right is worse than none.
/// </summary>
internal static class PayloadValues
{
    private const int TextMax = 256;
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./");

    /// <summary>A positive whole number.</summary>
    public static long? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number)
        {
            return reader.TryGetInt64(out var number) && number > 0 ? number : null;
        }

        reader.Skip();
        return null;
    }

    /// <summary>A text of 1 to 256 characters that Postgres can keep.</summary>
    public static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }

        // A character takes six bytes at most, escaped.
        if (reader.ValueSpan.Length > 6 * TextMax)
        {
            return null;
        }

        try
        {
            return reader.GetString() is { Length: > 0 and <= TextMax } text && !text.Contains('\0', StringComparison.Ordinal) ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Bytes that are not UTF-8, or half of a surrogate pair.
            return null;
        }
    }

    /// <summary>The number that is a property of an object.</summary>
    public static long? NumberIn(ref Utf8JsonReader reader, ReadOnlySpan<byte> property)
    {
        long? number = null;
        for (var inside = Enter(ref reader); inside && MoveTo(ref reader, property);)
        {
            number = Number(ref reader);
        }

        return number;
    }

    /// <summary>The text that is a property of an object.</summary>
    public static string? TextIn(ref Utf8JsonReader reader, ReadOnlySpan<byte> property)
    {
        string? text = null;
        for (var inside = Enter(ref reader); inside && MoveTo(ref reader, property);)
        {
            text = Text(ref reader);
        }

        return text;
    }

    /// <summary>Passes over a property's value.</summary>
    public static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    /// <summary>Goes into an object; passes over anything else. Says whether it is in one.</summary>
    private static bool Enter(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            return true;
        }

        reader.Skip();
        return false;
    }

    /// <summary>Goes on to the next property of this name, before its value. False at the object's end.</summary>
    private static bool MoveTo(ref Utf8JsonReader reader, ReadOnlySpan<byte> property)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(property))
            {
                return true;
            }

            Skip(ref reader);
        }

        return false;
    }

    /// <summary>The text if it is a commit: 40 or 64 lowercase hex digits, and not the zeros that stand for none.</summary>
    public static string? Sha(string? text) =>
        text is { Length: 40 or 64 } && !text.AsSpan().ContainsAnyExcept(HexDigits) && text.AsSpan().ContainsAnyExcept('0') ? text : null;

    /// <summary>The text if it is <c>owner/name</c>.</summary>
    public static string? RepositoryName(string? text) =>
        text is not null && text.AsSpan().Count('/') == 1 && text[0] != '/' && text[^1] != '/' && !text.AsSpan().ContainsAnyExcept(NameCharacters) ? text : null;
}
