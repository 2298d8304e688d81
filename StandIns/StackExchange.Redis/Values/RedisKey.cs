namespace StackExchange.Redis;

/// <summary>The name of something stored.</summary>
public readonly struct RedisKey : IEquatable<RedisKey>
{
    private readonly RedisValue _value;

    private RedisKey(RedisValue value) => _value = value;

    /// <summary>A key of a text.</summary>
    /// <param name="key">The text.</param>
    public RedisKey(string? key) => _value = key;

    /// <summary>A key of a text.</summary>
    /// <param name="key">The text.</param>
    public static implicit operator RedisKey(string? key) => new(key);

    /// <summary>A key of bytes.</summary>
    /// <param name="key">The bytes; not copied.</param>
    public static implicit operator RedisKey(byte[]? key) => new((RedisValue)key);

    /// <summary>The key as text.</summary>
    /// <param name="key">The key.</param>
    public static implicit operator string?(RedisKey key) => key._value;

    /// <summary>The key as bytes.</summary>
    /// <param name="key">The key.</param>
    public static implicit operator byte[]?(RedisKey key) => key._value;

    /// <summary>Whether two keys have the same bytes.</summary>
    /// <param name="x">One.</param>
    /// <param name="y">The other.</param>
    public static bool operator ==(RedisKey x, RedisKey y) => x.Equals(y);

    /// <summary>Whether two keys have different bytes.</summary>
    /// <param name="x">One.</param>
    /// <param name="y">The other.</param>
    public static bool operator !=(RedisKey x, RedisKey y) => !x.Equals(y);

    /// <summary>This key with another one before it.</summary>
    /// <param name="prefix">The other key.</param>
    public RedisKey Prepend(RedisKey prefix) => prefix.Append(this);

    /// <summary>This key with another one after it.</summary>
    /// <param name="suffix">The other key.</param>
    public RedisKey Append(RedisKey suffix) => (RedisKey)(byte[])[.. (byte[]?)this ?? [], .. (byte[]?)suffix ?? []];

    /// <inheritdoc/>
    public bool Equals(RedisKey other) => _value.Equals(other._value);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RedisKey other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _value.GetHashCode();

    /// <inheritdoc/>
    public override string ToString() => _value.ToString();

    internal RedisValue AsValue() => _value;
}
