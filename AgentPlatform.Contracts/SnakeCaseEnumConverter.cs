using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts;

/// <summary>Writes an enum as GitHub and the public API do, in lower snake case (<c>timed_out</c>); numbers are refused.</summary>
/// <typeparam name="T">The enum.</typeparam>
public sealed class SnakeCaseEnumConverter<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
