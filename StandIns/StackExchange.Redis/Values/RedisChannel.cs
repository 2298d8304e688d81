namespace StackExchange.Redis;

/// <summary>The name of a channel, or a pattern of such names.</summary>
public readonly struct RedisChannel : IEquatable<RedisChannel>
{
    private readonly RedisValue _name;

    /// <summary>A channel of a text.</summary>
    /// <param name="value">The text.</param>
    /// <param name="mode">Whether it is a pattern.</param>
    public RedisChannel(string value, PatternMode mode)
        : this((RedisValue)value, mode)
    {
    }

    /// <summary>A channel of bytes.</summary>
    /// <param name="value">The bytes.</param>
    /// <param name="mode">Whether it is a pattern.</param>
    public RedisChannel(byte[]? value, PatternMode mode)
        : this((RedisValue)value, mode)
    {
    }

    private RedisChannel(RedisValue name, PatternMode mode)
    {
        _name = name;
        IsPattern = mode switch
        {
            PatternMode.Literal => false,
            PatternMode.Pattern => true,
            _ => name.ToString().AsSpan().ContainsAny('*', '?', '['),
        };
    }

    /// <summary>How a name is taken.</summary>
    public enum PatternMode
    {
        /// <summary>For a pattern where it has a wildcard.</summary>
        Auto = 0,

        /// <summary>For a name.</summary>
        Literal = 1,

        /// <summary>For a pattern.</summary>
        Pattern = 2,
    }

    /// <summary>Whether it is a pattern.</summary>
    public bool IsPattern { get; }

    /// <summary>Whether it has no name.</summary>
    public bool IsNullOrEmpty => _name.IsNullOrEmpty;

    /// <summary>The channel as text.</summary>
    /// <param name="key">The channel.</param>
    public static implicit operator string?(RedisChannel key) => key._name;

    /// <summary>The channel as bytes.</summary>
    /// <param name="key">The channel.</param>
    public static implicit operator byte[]?(RedisChannel key) => key._name;

    /// <summary>Whether two channels are the same.</summary>
    /// <param name="x">One.</param>
    /// <param name="y">The other.</param>
    public static bool operator ==(RedisChannel x, RedisChannel y) => x.Equals(y);

    /// <summary>Whether two channels differ.</summary>
    /// <param name="x">One.</param>
    /// <param name="y">The other.</param>
    public static bool operator !=(RedisChannel x, RedisChannel y) => !x.Equals(y);

    /// <summary>The channel of exactly this name.</summary>
    /// <param name="value">The name.</param>
    public static RedisChannel Literal(string value) => new(value, PatternMode.Literal);

    /// <summary>The channel of exactly this name.</summary>
    /// <param name="value">The name.</param>
    public static RedisChannel Literal(byte[] value) => new(value, PatternMode.Literal);

    /// <summary>All channels whose names match.</summary>
    /// <param name="value">The pattern.</param>
    public static RedisChannel Pattern(string value) => new(value, PatternMode.Pattern);

    /// <summary>All channels whose names match.</summary>
    /// <param name="value">The pattern.</param>
    public static RedisChannel Pattern(byte[] value) => new(value, PatternMode.Pattern);

    /// <inheritdoc/>
    public bool Equals(RedisChannel other) => IsPattern == other.IsPattern && _name.Equals(other._name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is RedisChannel other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_name, IsPattern);

    /// <inheritdoc/>
    public override string ToString() => _name.ToString();
}
