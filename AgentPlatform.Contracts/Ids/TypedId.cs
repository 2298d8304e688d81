using System.Buffers;
using System.Globalization;

namespace AgentPlatform.Contracts;

/// <summary>Making, reading and writing ids of every type.</summary>
public static class TypedId
{
    private const int HexDigits = 32;
    private static readonly SearchValues<char> LowercaseHex = SearchValues.Create("0123456789abcdef");

#pragma warning disable CA1000 // The analyzer takes an extension block for a generic type; these are called as RunId.New(…), not as members of one.
    extension<TId>(TId) where TId : struct, ITypedId<TId>
    {
        /// <summary>A new id. Ids made in different milliseconds sort by the time they were made.</summary>
        /// <param name="time">Whose clock stands in the id.</param>
        public static TId New(TimeProvider time)
        {
            ArgumentNullException.ThrowIfNull(time);
            return TId.From(Guid.CreateVersion7(time.GetUtcNow()));
        }

        /// <summary>Reads the exact text form.</summary>
        /// <exception cref="FormatException">The text is not the prefix and a lowercase UUIDv7.</exception>
        public static TId Parse(ReadOnlySpan<char> text) => TryRead(text, out TId id)
            ? id
            : throw new FormatException($"Not an id of the form {TId.Prefix} and 32 lowercase hex digits of a UUIDv7.");

        /// <summary>Reads the exact text form: no white space, no capitals, no other prefix, no other UUID version.</summary>
        public static bool TryParse(ReadOnlySpan<char> text, out TId id) => TryRead(text, out id);
    }
#pragma warning restore CA1000

    internal static bool TryRead<TId>(ReadOnlySpan<char> text, out TId id)
        where TId : struct, ITypedId<TId>
    {
        id = default;
        var prefix = TId.Prefix;
        if (text.Length != prefix.Length + HexDigits || !text.StartsWith(prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var hex = text[prefix.Length..];
        if (hex.ContainsAnyExcept(LowercaseHex) || hex[12] != '7' || hex[16] is not ('8' or '9' or 'a' or 'b'))
        {
            return false;
        }

        id = TId.From(Guid.ParseExact(hex, "N"));
        return true;
    }

    internal static string Write<TId>(TId id)
        where TId : struct, ITypedId<TId> => string.Create(CultureInfo.InvariantCulture, $"{TId.Prefix}{id.Value:N}");

    internal static bool TryWrite<TId>(TId id, Span<char> destination, out int charsWritten)
        where TId : struct, ITypedId<TId> => destination.TryWrite(CultureInfo.InvariantCulture, $"{TId.Prefix}{id.Value:N}", out charsWritten);
}
