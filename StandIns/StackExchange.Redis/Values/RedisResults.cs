namespace StackExchange.Redis;

internal sealed class SingleRedisResult(RedisValue value, ResultType type) : RedisResult(type)
{
    public override bool IsNull => value.IsNull;

    public override string ToString() => value.ToString();

    internal override RedisValue AsValue() => value;

    internal override RedisResult[]? AsArray() => value.IsNull ? null : throw new InvalidCastException("The reply is one value, not a list.");
}

internal sealed class ArrayRedisResult(RedisResult[]? items) : RedisResult(ResultType.Array)
{
    public override bool IsNull => items is null;

    public override int Length => items?.Length ?? -1;

    public override RedisResult this[int index] => (items ?? throw new ArgumentOutOfRangeException(nameof(index)))[index];

    public override string ToString() => items is null ? "(nil)" : $"{items.Length} element(s)";

    // A list of one counts as its element, as in the real client.
    internal override RedisValue AsValue() => items switch
    {
        null => RedisValue.Null,
        [var only] => only.AsValue(),
        _ => throw new InvalidCastException($"The reply is a list of {items.Length}, not one value."),
    };

    internal override RedisResult[]? AsArray() => items;
}

/// <summary>An error inside a list; one that is the whole reply is thrown instead.</summary>
internal sealed class ErrorRedisResult(string message) : RedisResult(ResultType.Error)
{
    public string Message { get; } = message;

    public override bool IsNull => false;

    public override string ToString() => Message;

    internal override RedisValue AsValue() => throw new RedisServerException(Message);

    internal override RedisResult[]? AsArray() => throw new RedisServerException(Message);
}
