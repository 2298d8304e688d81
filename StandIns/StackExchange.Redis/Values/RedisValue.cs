using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace StackExchange.Redis;

/// <summary>A value: null, text, bytes or a number. Equal is what Redis stores as the same bytes.</summary>
public readonly struct RedisValue : IEquatable<RedisValue>, IComparable<RedisValue>, IComparable
{
    // Null, string, byte[], long or double.
    private readonly object? _content;

    private RedisValue(object? content) => _content = content;

    /// <summary>No value.</summary>
    public static RedisValue Null => default;

    /// <summary>The text of no characters.</summary>
    public static RedisValue EmptyString { get; } = new("");

    /// <summary>Whether there is no value.</summary>
    public bool IsNull => _content is null;

    /// <summary>Whether there is no value, or one of no bytes.</summary>
    public bool IsNullOrEmpty => _content is null or "" or byte[] { Length: 0 };

    /// <summary>Whether there is a value of at least a byte.</summary>
    public bool HasValue => !IsNullOrEmpty;

    /// <summary>Whether it is stored as a whole number.</summary>
    public bool IsInteger => _content is long;

    /// <summary>A value of a text.</summary>
    /// <param name="value">The text.</param>
    public static implicit operator RedisValue(string? value) => new(value);

    /// <summary>A value of bytes.</summary>
    /// <param name="value">The bytes; not copied.</param>
    public static implicit operator RedisValue(byte[]? value) => new(value);

    /// <summary>A value of bytes.</summary>
    /// <param name="value">The bytes; copied.</param>
    public static implicit operator RedisValue(ReadOnlyMemory<byte> value) => new(value.ToArray());

    /// <summary>A value of bytes.</summary>
    /// <param name="value">The bytes; copied.</param>
    public static implicit operator RedisValue(Memory<byte> value) => new(value.ToArray());

    /// <summary>A value of a number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisValue(int value) => new((long)value);

    /// <summary>A value of a number.</summary>
    /// <param name="value">The number, or null.</param>
    public static implicit operator RedisValue(int? value) => value is { } number ? number : Null;

    /// <summary>A value of a number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisValue(long value) => new(value);

    /// <summary>A value of a number.</summary>
    /// <param name="value">The number, or null.</param>
    public static implicit operator RedisValue(long? value) => value is { } number ? number : Null;

    /// <summary>A value of a number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisValue(uint value) => new((long)value);

    /// <summary>A value of a number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisValue(ulong value) =>
        value <= long.MaxValue ? new((long)value) : new(value.ToString(CultureInfo.InvariantCulture));

    /// <summary>A value of a number.</summary>
    /// <param name="value">The number.</param>
    public static implicit operator RedisValue(double value) => new(value);

    /// <summary>A value of a number.</summary>
    /// <param name="value">The number, or null.</param>
    public static implicit operator RedisValue(double? value) => value is { } number ? number : Null;

    /// <summary>1 for true, 0 for false.</summary>
    /// <param name="value">The truth.</param>
    public static implicit operator RedisValue(bool value) => new(value ? 1L : 0L);

    /// <summary>1 for true, 0 for false.</summary>
    /// <param name="value">The truth, or null.</param>
    public static implicit operator RedisValue(bool? value) => value is { } truth ? truth : Null;

    /// <summary>The value as text.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator string?(RedisValue value) => value._content switch
    {
        null => null,
        string text => text,
        byte[] bytes => Encoding.UTF8.GetString(bytes),
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new InvalidCastException(),
    };

    /// <summary>The value as bytes.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator byte[]?(RedisValue value) => value._content switch
    {
        null => null,
        byte[] bytes => bytes,
        _ => Encoding.UTF8.GetBytes((string)value!),
    };

    /// <summary>The value as bytes.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator ReadOnlyMemory<byte>(RedisValue value) => (byte[]?)value;

    /// <summary>The value as a number; null is 0, as in Redis' own arithmetic.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator long(RedisValue value) =>
        value.IsNull ? 0 : value.TryParse(out long number) ? number : throw NotA("whole number");

    /// <summary>The value as a number; null is 0.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator int(RedisValue value) => checked((int)(long)value);

    /// <summary>The value as a number; null is 0.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator uint(RedisValue value) => checked((uint)(long)value);

    /// <summary>The value as a number; null is 0.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator ulong(RedisValue value) =>
        value.IsNull ? 0 : ulong.TryParse((string)value!, CultureInfo.InvariantCulture, out var number) ? number : throw NotA("positive whole number");

    /// <summary>The value as a number; null is 0.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator double(RedisValue value) =>
        value.IsNull ? 0 : value.TryParse(out double number) ? number : throw NotA("number");

    /// <summary>True for 1, false for 0 and null.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator bool(RedisValue value) => (long)value switch
    {
        0 => false,
        1 => true,
        _ => throw NotA("truth (0 or 1)"),
    };

    /// <summary>The value as a number, or null.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator long?(RedisValue value) => value.IsNull ? null : (long)value;

    /// <summary>The value as a number, or null.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator int?(RedisValue value) => value.IsNull ? null : (int)value;

    /// <summary>The value as a number, or null.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator double?(RedisValue value) => value.IsNull ? null : (double)value;

    /// <summary>The value as a truth, or null.</summary>
    /// <param name="value">The value.</param>
    public static explicit operator bool?(RedisValue value) => value.IsNull ? null : (bool)value;

    /// <summary>Whether two values are stored as the same bytes.</summary>
    /// <param name="x">One.</param>
    /// <param name="y">The other.</param>
    public static bool operator ==(RedisValue x, RedisValue y) => x.Equals(y);

    /// <summary>Whether two values are stored as different bytes.</summary>
    /// <param name="x">One.</param>
    /// <param name="y">The other.</param>
    public static bool operator !=(RedisValue x, RedisValue y) => !x.Equals(y);

    /// <summary>Reads the value as a number.</summary>
    /// <param name="val">The number.</param>
    public bool TryParse(out long val)
    {
        switch (_content)
        {
            case long number:
                val = number;
                return true;
            case double number when number == Math.Floor(number) && Math.Abs(number) < 1L << 53:
                val = (long)number;
                return true;
            case byte[] bytes:
                return Utf8Parser.TryParse(bytes, out val, out var consumed) && consumed == bytes.Length;
            default:
                return long.TryParse(_content as string, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out val);
        }
    }

    /// <summary>Reads the value as a number.</summary>
    /// <param name="val">The number.</param>
    public bool TryParse(out int val)
    {
        var isNumber = TryParse(out long number) && number is >= int.MinValue and <= int.MaxValue;
        val = isNumber ? (int)number : 0;
        return isNumber;
    }

    /// <summary>Reads the value as a number.</summary>
    /// <param name="val">The number.</param>
    public bool TryParse(out double val)
    {
        switch (_content)
        {
            case double number:
                val = number;
                return true;
            case long number:
                val = number;
                return true;
            default:
                return double.TryParse((string?)this, NumberStyles.Float, CultureInfo.InvariantCulture, out val);
        }
    }

    /// <summary>How many bytes it is stored as.</summary>
    public long Length() => ((byte[]?)this)?.LongLength ?? 0;

    /// <summary>Whether it begins with another value, byte by byte.</summary>
    /// <param name="value">The other value.</param>
    public bool StartsWith(RedisValue value) => ((byte[]?)this).AsSpan().StartsWith((byte[]?)value);

    /// <inheritdoc/>
    public bool Equals(RedisValue other) =>
        IsNull == other.IsNull && ((byte[]?)this).AsSpan().SequenceEqual((byte[]?)other);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RedisValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = default(HashCode);
        hash.AddBytes((byte[]?)this);
        return hash.ToHashCode();
    }

    /// <inheritdoc/>
    public int CompareTo(RedisValue other) => (IsNull, other.IsNull) switch
    {
        (true, true) => 0,
        (true, false) => -1,
        (false, true) => 1,
        _ => ((byte[]?)this).AsSpan().SequenceCompareTo((byte[]?)other),
    };

    int IComparable.CompareTo(object? obj) => obj is RedisValue other ? CompareTo(other) : -1;

    /// <inheritdoc/>
    public override string ToString() => (string?)this ?? "";

    /// <summary>Takes an argument of a command for what it is.</summary>
    internal static RedisValue FromArgument(object? argument) => argument switch
    {
        null => EmptyString,
        RedisValue value => value,
        RedisKey key => key.AsValue(),
        RedisChannel channel => (byte[]?)channel,
        string value => value,
        byte[] value => value,
        ReadOnlyMemory<byte> value => value,
        Memory<byte> value => value,
        int value => value,
        long value => value,
        uint value => value,
        ulong value => value,
        double value => value,
        float value => (double)value,
        bool value => value,
        _ => throw new InvalidCastException($"A {argument.GetType().Name} cannot be an argument of a command."),
    };

    private static InvalidCastException NotA(string kind) => new($"The value is not a {kind}.");
}
