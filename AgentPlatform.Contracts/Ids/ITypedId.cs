namespace AgentPlatform.Contracts;

/// <summary>
/// The pattern of every id: a UUIDv7 behind a type of its own, written as prefix and 32 lowercase hex digits (<c>run_0198…</c>).
/// A new id is a record struct that names its prefix and repeats <c>TryParse</c>, which minimal APIs look for on the type itself; parsing, formatting and JSON come from here and from <see cref="TypedId"/>.
/// An id is never a capability: knowing one grants nothing.
/// </summary>
/// <typeparam name="TSelf">The id itself.</typeparam>
public interface ITypedId<TSelf> : ISpanParsable<TSelf>, ISpanFormattable
    where TSelf : struct, ITypedId<TSelf>
{
    /// <summary>What the text form begins with, three letters and an underscore.</summary>
    static abstract string Prefix { get; }

    /// <summary>Wraps a stored value. The value is not checked: what a database holds was checked when it was parsed.</summary>
    static abstract TSelf From(Guid value);

    /// <summary>The bare UUID, as a database keeps it.</summary>
    Guid Value { get; }

    static TSelf IParsable<TSelf>.Parse(string s, IFormatProvider? provider) => TypedId.Parse<TSelf>(s);

    static TSelf ISpanParsable<TSelf>.Parse(ReadOnlySpan<char> s, IFormatProvider? provider) => TypedId.Parse<TSelf>(s);

    static bool ISpanParsable<TSelf>.TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out TSelf result) => TypedId.TryRead(s, out result);

    string IFormattable.ToString(string? format, IFormatProvider? formatProvider) => TypedId.Write((TSelf)this);

    bool ISpanFormattable.TryFormat(Span<char> destination, out int charsWritten, ReadOnlySpan<char> format, IFormatProvider? provider) =>
        TypedId.TryWrite((TSelf)this, destination, out charsWritten);
}
