using System.Text.Json.Serialization;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>What goes wrong with the next calls that match.</summary>
internal sealed record FaultRule
{
    public required FaultKind Kind { get; init; }

    /// <summary>The method it applies to; any when absent.</summary>
    public string? Method { get; init; }

    /// <summary>A part of the path, such as <c>/check-runs</c>; any when absent.</summary>
    public string? Path { get; init; }

    /// <summary>The status to answer with, for <see cref="FaultKind.Status"/>, <see cref="FaultKind.SecondaryLimit"/> and <see cref="FaultKind.UnsaidLimit"/>.</summary>
    public int? Status { get; init; }

    /// <summary>How long to wait before anything happens, or what <c>Retry-After</c> says of a secondary limit.</summary>
    public double? Seconds { get; init; }

    /// <summary>How many calls it meets.</summary>
    public int Times { get; init; } = 1;
}

[JsonConverter(typeof(JsonStringEnumConverter<FaultKind>))]
internal enum FaultKind
{
    /// <summary>The call is refused with a status and has no effect.</summary>
    Status,

    /// <summary>A secondary rate limit: 403 or 429 with <c>Retry-After</c>.</summary>
    SecondaryLimit,

    /// <summary>A secondary rate limit that says so in its message only: without <c>Retry-After</c>, and with requests remaining.</summary>
    UnsaidLimit,

    /// <summary>The call has its effect, then the connection breaks before the answer.</summary>
    LostAnswer,

    /// <summary>The connection breaks before anything happens.</summary>
    LostRequest,

    /// <summary>The call waits, then goes on as if nothing were.</summary>
    Delay,
}

/// <summary>Faults that were asked for and have not happened yet.</summary>
internal sealed class Faults
{
    private const int RulesMax = 100;
    private readonly Lock _gate = new();
    private readonly List<(FaultRule Rule, int Left)> _rules = [];

    /// <summary>False when there are too many already.</summary>
    public bool Add(FaultRule rule)
    {
        lock (_gate)
        {
            if (_rules.Count >= RulesMax)
            {
                return false;
            }

            _rules.Add((rule, rule.Times));
            return true;
        }
    }

    /// <summary>The fault for this call, used up by asking.</summary>
    public FaultRule? Take(string method, string path)
    {
        lock (_gate)
        {
            var index = _rules.FindIndex(entry =>
                (entry.Rule.Method is null || string.Equals(entry.Rule.Method, method, StringComparison.OrdinalIgnoreCase)) &&
                (entry.Rule.Path is null || path.Contains(entry.Rule.Path, StringComparison.OrdinalIgnoreCase)));
            if (index < 0)
            {
                return null;
            }

            var (rule, left) = _rules[index];
            if (left <= 1)
            {
                _rules.RemoveAt(index);
            }
            else
            {
                _rules[index] = (rule, left - 1);
            }

            return rule;
        }
    }

    public IReadOnlyList<object> List()
    {
        lock (_gate)
        {
            return [.. _rules.Select(entry => new { entry.Rule, entry.Left })];
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _rules.Clear();
        }
    }
}
