namespace StackExchange.Redis;

/// <summary>A reply: one value, or a list of replies.</summary>
public abstract class RedisResult
{
    private protected RedisResult(ResultType type) => Resp2Type = type;

    /// <summary>Its kind on the wire.</summary>
    public ResultType Resp2Type { get; }

    /// <summary>Its kind on the wire; the stand-in speaks the second protocol only.</summary>
    public ResultType Resp3Type => Resp2Type;

    /// <summary>Whether it is a null, or a null list.</summary>
    public abstract bool IsNull { get; }

    /// <summary>How many replies a list has; -1 where it is none.</summary>
    public virtual int Length => -1;

    /// <summary>A reply of a list.</summary>
    /// <param name="index">Its place.</param>
    public virtual RedisResult this[int index] => throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Makes a reply of a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="resultType">Its kind; null: a number or bytes, by the value.</param>
    public static RedisResult Create(RedisValue value, ResultType? resultType = null) =>
        new SingleRedisResult(value, resultType ?? (value.IsInteger ? ResultType.Integer : ResultType.BulkString));

    /// <summary>Makes a reply of a list of values.</summary>
    /// <param name="values">The values.</param>
    public static RedisResult Create(RedisValue[] values) => new ArrayRedisResult([.. values.Select(value => Create(value))]);

    /// <summary>Makes a reply of a list of replies.</summary>
    /// <param name="values">The replies.</param>
    public static RedisResult Create(RedisResult[] values) => new ArrayRedisResult(values);

    /// <summary>The reply as text.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator string?(RedisResult? result) => result?.AsValue();

    /// <summary>The reply as bytes.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator byte[]?(RedisResult? result) => result?.AsValue();

    /// <summary>The reply as a value.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator RedisValue(RedisResult? result) => result?.AsValue() ?? RedisValue.Null;

    /// <summary>The reply as a key.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator RedisKey(RedisResult? result) => (byte[]?)(result?.AsValue() ?? RedisValue.Null);

    /// <summary>The reply as a number.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator int(RedisResult result) => (int)result.AsValue();

    /// <summary>The reply as a number.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator long(RedisResult result) => (long)result.AsValue();

    /// <summary>The reply as a number.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator ulong(RedisResult result) => (ulong)result.AsValue();

    /// <summary>The reply as a number.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator double(RedisResult result) => (double)result.AsValue();

    /// <summary>The reply as a truth; OK is true.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator bool(RedisResult result) =>
        result is { Resp2Type: ResultType.SimpleString } ? (string?)result == "OK" : (bool)result.AsValue();

    /// <summary>The reply as a number, or null.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator int?(RedisResult? result) => (int?)(RedisValue)result;

    /// <summary>The reply as a number, or null.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator long?(RedisResult? result) => (long?)(RedisValue)result;

    /// <summary>The reply as a number, or null.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator double?(RedisResult? result) => (double?)(RedisValue)result;

    /// <summary>The reply as a truth, or null.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator bool?(RedisResult? result) => result is null || result.IsNull ? null : (bool)result;

    /// <summary>The reply as a list of replies.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator RedisResult[]?(RedisResult? result) => result?.AsArray();

    /// <summary>The reply as a list of values.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator RedisValue[]?(RedisResult? result) => Map(result, item => (RedisValue)item);

    /// <summary>The reply as a list of keys.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator RedisKey[]?(RedisResult? result) => Map(result, item => (RedisKey)item);

    /// <summary>The reply as a list of texts.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator string?[]?(RedisResult? result) => Map(result, item => (string?)item);

    /// <summary>The reply as a list of bytes.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator byte[]?[]?(RedisResult? result) => Map(result, item => (byte[]?)item);

    /// <summary>The reply as a list of numbers.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator long[]?(RedisResult? result) => Map(result, item => (long)item);

    /// <summary>The reply as a list of numbers.</summary>
    /// <param name="result">The reply.</param>
    public static explicit operator int[]?(RedisResult? result) => Map(result, item => (int)item);

    /// <summary>Takes a list of names and values for a dictionary.</summary>
    /// <param name="comparer">How names compare; null: without regard to case.</param>
    public Dictionary<string, RedisResult> ToDictionary(IEqualityComparer<string>? comparer = null)
    {
        var items = AsArray() ?? [];
        var dictionary = new Dictionary<string, RedisResult>(items.Length / 2, comparer ?? StringComparer.InvariantCultureIgnoreCase);
        for (var i = 0; i + 1 < items.Length; i += 2)
        {
            dictionary.Add((string)items[i]!, items[i + 1]);
        }

        return dictionary;
    }

    internal abstract RedisValue AsValue();

    internal abstract RedisResult[]? AsArray();

    private static T[]? Map<T>(RedisResult? result, Func<RedisResult, T> map) => result?.AsArray() is { } items ? Array.ConvertAll(items, item => map(item)) : null;
}

/// <summary>What a reply is on the wire.</summary>
public enum ResultType : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>A status.</summary>
    SimpleString = 1,

    /// <summary>An error.</summary>
    Error = 2,

    /// <summary>A number.</summary>
    Integer = 3,

    /// <summary>Bytes.</summary>
    BulkString = 4,

    /// <summary>A list.</summary>
    Array = 5,
}
