namespace AgentPlatform.Streams;

/// <summary>What one consumer is.</summary>
/// <param name="Stream">What it reads.</param>
/// <param name="Group">For whom: the groups of a stream each get every entry.</param>
/// <param name="Consumer">Its name in the group, new for every process.</param>
/// <param name="Options">How it reads.</param>
/// <param name="Handler">The handler's type, taken from a scope for every call.</param>
internal sealed record StreamConsumerSetup(StreamName Stream, string Group, string Consumer, StreamConsumerOptions Options, Type Handler)
{
    /// <summary>How logs and health reports call it.</summary>
    public string Name => $"{Stream.Name}:{Group}";
}
