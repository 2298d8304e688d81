using System.Text.Json;
using AgentPlatform.Contracts.Reviews;
using AgentPlatform.Contracts.Runs;
using Services.Sessions.Agents;

namespace Services.Sessions.Reviews;

/// <summary>The agent's answer, checked: what is not of the form, or not about the change, is left out.</summary>
/// <param name="Summary">In the agent's words, redacted.</param>
/// <param name="Findings">Redacted.</param>
/// <param name="Dropped">How many were not valid.</param>
internal sealed record ReviewAnswer(string Summary, IReadOnlyList<ReviewFinding> Findings, int Dropped)
{
    private const int FindingsMax = 500;
    private const int SummaryMax = 4_000;
    private const int TitleMax = 255;
    private const int MessageMax = 8_000;
    private const int LineMax = 10_000_000;
    private const string Fence = "```";

    /// <summary>Reads the last JSON object of the answer; null if there is none of the form that was asked for.</summary>
    public static ReviewAnswer? Read(string text, IReadOnlyCollection<string> changedFiles)
    {
        foreach (var candidate in Candidates(text))
        {
            try
            {
                using var document = JsonDocument.Parse(candidate);
                if (document.RootElement.ValueKind == JsonValueKind.Object
                    && document.RootElement.TryGetProperty("findings", out var findings) && findings.ValueKind == JsonValueKind.Array)
                {
                    return Check(document.RootElement, findings, changedFiles.ToHashSet(StringComparer.Ordinal));
                }
            }
            catch (JsonException)
            {
                // Not this one: text in braces, or a block that was cut.
            }
        }

        return null;
    }

    private static IEnumerable<string> Candidates(string text)
    {
        for (var end = text.LastIndexOf(Fence, StringComparison.Ordinal); end > 0;)
        {
            var start = text.LastIndexOf(Fence, end - 1, StringComparison.Ordinal);
            if (start < 0)
            {
                break;
            }

            var block = text[(start + Fence.Length)..end];
            yield return block.StartsWith("json", StringComparison.OrdinalIgnoreCase) ? block[4..] : block;
            end = start;
        }

        var (first, last) = (text.IndexOf('{', StringComparison.Ordinal), text.LastIndexOf('}'));
        if (first >= 0 && last > first)
        {
            yield return text[first..(last + 1)];
        }
    }

    private static ReviewAnswer Check(JsonElement root, JsonElement findings, HashSet<string> changedFiles)
    {
        var valid = new List<ReviewFinding>();
        var dropped = 0;
        foreach (var finding in findings.EnumerateArray())
        {
            if (valid.Count < FindingsMax && Check(finding, changedFiles) is { } good)
            {
                valid.Add(good);
            }
            else
            {
                dropped++;
            }
        }

        var summary = root.TryGetProperty("summary", out var said) && said.ValueKind == JsonValueKind.String ? JsonTexts.Of(said) : string.Empty;
        return new ReviewAnswer(Clean(summary, SummaryMax), valid, dropped);
    }

    private static ReviewFinding? Check(JsonElement finding, HashSet<string> changedFiles)
    {
        if (finding.ValueKind != JsonValueKind.Object
            || Text(finding, "file") is not { } path
            || !finding.TryGetProperty("line", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out var line) || line is < 1 or > LineMax
            || Severity(Text(finding, "severity")) is not { } severity
            || Text(finding, "message") is not { Length: > 0 } message)
        {
            return null;
        }

        var file = path.StartsWith("./", StringComparison.Ordinal) ? path[2..] : path;
        var title = Text(finding, "title") is { Length: > 0 } given ? given : message;
        return changedFiles.Contains(file) ? new ReviewFinding(file, line, severity, Clean(title, TitleMax), Clean(message, MessageMax)) : null;
    }

    private static FindingSeverity? Severity(string? name) => name switch
    {
        "error" => FindingSeverity.Error,
        "warning" => FindingSeverity.Warning,
        "notice" => FindingSeverity.Notice,
        _ => null,
    };

    private static string? Text(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? JsonTexts.Of(value) : null;

    private static string Clean(string text, int max)
    {
        var redacted = Redactor.Redact(text);
        return redacted.Length <= max ? redacted : string.Concat(redacted.AsSpan(0, max - 1), "…");
    }
}
