using System.Buffers;

namespace AgentPlatform.Streams;

/// <summary>
/// The name of a stream, <c>ap:{environment}:{name}:v1</c>, with the names that belong to it. Several environments can share one Redis without meeting.
/// </summary>
public readonly record struct StreamName
{
    /// <summary>The most characters of an environment.</summary>
    public const int EnvironmentLengthMax = 32;

    /// <summary>The most characters of a bare name.</summary>
    public const int NameLengthMax = 128;

    private static readonly SearchValues<char> EnvironmentCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-_.");

    private readonly string? _environment;
    private readonly string? _name;

    private StreamName(string environment, string name) => (_environment, _name) = (environment, name);

    /// <summary>Names a stream.</summary>
    /// <param name="environment">1 to 32 of <c>a-z 0-9 -</c>.</param>
    /// <param name="name">1 to 128 of <c>a-z 0-9 - _ .</c>, beginning with a letter or digit, such as <c>intake</c> or <c>runs.run_0198…</c>.</param>
    /// <exception cref="ArgumentException">A part is empty, too long or holds another character: a colon would reach into foreign keys.</exception>
    public static StreamName Create(string environment, string name)
    {
        if (!IsEnvironment(environment))
        {
            throw new ArgumentException($"An environment is 1 to {EnvironmentLengthMax} of a-z, 0-9 and '-'.", nameof(environment));
        }

        if (!IsName(name))
        {
            throw new ArgumentException($"A stream's name is 1 to {NameLengthMax} of a-z, 0-9, '-', '_' and '.', beginning with a letter or digit.", nameof(name));
        }

        return new StreamName(environment, name);
    }

    /// <summary>Whether the text can be an environment.</summary>
    public static bool IsEnvironment(string? text) =>
        text is { Length: > 0 and <= EnvironmentLengthMax } && !text.AsSpan().ContainsAnyExcept(EnvironmentCharacters);

    /// <summary>Whether the text can be a stream's bare name.</summary>
    public static bool IsName(string? text) =>
        text is { Length: > 0 and <= NameLengthMax } && char.IsAsciiLetterOrDigit(text[0]) && !text.AsSpan().ContainsAnyExcept(NameCharacters);

    /// <summary>The bare name, such as <c>intake</c>.</summary>
    public string Name => _name ?? throw new InvalidOperationException("A stream's name comes from StreamName.Create.");

    /// <summary>The key of the stream itself.</summary>
    public string Key => $"ap:{_environment}:{Name}:v1";

    /// <summary>The key of the stream of its dead letters.</summary>
    public string DeadLetterKey => $"ap:{_environment}:{Name}:dead:v1";

    /// <summary>The pub/sub channel on which writers nudge readers.</summary>
    public string NudgeChannel => $"ap:{_environment}:{Name}:nudge:v1";

    /// <summary>The stream's key.</summary>
    public override string ToString() => Key;
}
