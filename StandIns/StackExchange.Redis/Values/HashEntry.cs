namespace StackExchange.Redis;

/// <summary>A field of a hash.</summary>
/// <param name="name">Its name.</param>
/// <param name="value">Its value.</param>
public readonly struct HashEntry(RedisValue name, RedisValue value) : IEquatable<HashEntry>
{
    /// <summary>Its name.</summary>
    public RedisValue Name { get; } = name;

    /// <summary>Its value.</summary>
    public RedisValue Value { get; } = value;

    /// <summary>Whether two fields are the same.</summary>
    /// <param name="x">One.</param>
    /// <param name="y">The other.</param>
    public static bool operator ==(HashEntry x, HashEntry y) => x.Equals(y);

    /// <summary>Whether two fields differ.</summary>
    /// <param name="x">One.</param>
    /// <param name="y">The other.</param>
    public static bool operator !=(HashEntry x, HashEntry y) => !x.Equals(y);

    /// <inheritdoc/>
    public bool Equals(HashEntry other) => Name == other.Name && Value == other.Value;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is HashEntry other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Value);

    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {Value}";
}
