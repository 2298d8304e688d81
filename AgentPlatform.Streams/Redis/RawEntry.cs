using StackExchange.Redis;

namespace AgentPlatform.Streams.Redis;

/// <summary>An entry as Redis holds it.</summary>
/// <param name="Id">Its id in the stream.</param>
/// <param name="Fields">Names and values in turn; empty when the entry was deleted under a pending reference.</param>
/// <param name="Deliveries">How often it was delivered, this time included; 0 where nobody asked.</param>
internal sealed record RawEntry(string Id, RedisResult[] Fields, int Deliveries)
{
    /// <summary>The value of a field, or null.</summary>
    public byte[]? Field(string name)
    {
        for (var i = 0; i + 1 < Fields.Length; i += 2)
        {
            if (string.Equals((string?)Fields[i], name, StringComparison.Ordinal))
            {
                return (byte[]?)Fields[i + 1];
            }
        }

        return null;
    }

    /// <summary>The encoded event; empty if there is none.</summary>
    public byte[] Body => Field("e") ?? [];

    /// <summary>Reads <c>{{id, fields}…}</c>.</summary>
    public static IReadOnlyList<RawEntry> ReadMany(RedisResult reply, int deliveries)
    {
        var entries = (RedisResult[])reply!;
        var read = new RawEntry[entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            read[i] = Read((RedisResult[])entries[i]!, deliveries);
        }

        return read;
    }

    /// <summary>Reads <c>{id, fields, deliveries}</c>.</summary>
    public static RawEntry ReadCounted(RedisResult reply)
    {
        var parts = (RedisResult[])reply!;
        return Read(parts, (int)parts[2]);
    }

    private static RawEntry Read(RedisResult[] parts, int deliveries) =>
        new((string)parts[0]!, parts[1].IsNull ? [] : (RedisResult[])parts[1]!, deliveries);
}
