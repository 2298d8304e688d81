using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace AgentPlatform.Emulators.Models.Behaviour;

/// <summary>
/// Does what lines of the prompt say, one after the other. A line is <c>WORD: rest</c>; the words are
/// BASH (a command), READ (a path), WRITE (path | content), TOOL (name and JSON input), SAY (text), and for the answer that follows
/// STALL (seconds), SLOW (seconds before each piece), CUT and ANSWER (an error status); the last two happen once, or with "x2" twice.
/// </summary>
internal sealed partial class Directives
{
    private const int CountersMax = 10_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _done = new(StringComparer.Ordinal);

    /// <summary>The answer that is due, or null when the prompt gives no orders.</summary>
    public Reply? Next(Conversation conversation)
    {
        var orders = Line().Matches(conversation.Prompt);
        if (orders.Count == 0)
        {
            return null;
        }

        // A tool call ends an answer, so the number of calls carried out tells which answer is due.
        var (parts, manner, turn) = (new List<ReplyPart>(), new Manner(), 0);
        foreach (Match order in orders)
        {
            var (word, rest) = (order.Groups[1].Value, order.Groups[2].Value.Trim());
            manner = Manner(manner, word, rest, conversation, turn);
            if (word == "SAY")
            {
                parts.Add(new ReplyPart.Text(rest));
            }
            else if (Call(conversation, word, rest) is { } call)
            {
                parts.Add(call);
                if (turn++ == conversation.Outcomes.Count)
                {
                    return new Reply(parts, manner);
                }

                (parts, manner) = ([], new Manner());
            }
        }

        return new Reply(parts.Count > 0 ? parts : [new ReplyPart.Text("Done.")], turn == conversation.Outcomes.Count ? manner
            : new Manner());
    }

    private static ReplyPart? Call(Conversation conversation, string word, string rest)
    {
        switch (word)
        {
            case "BASH":
                return Toolbox.Run(conversation, rest);
            case "READ":
                return Toolbox.Read(conversation, rest);
            case "WRITE":
                var pair = rest.Split('|', 2);
                return Toolbox.Write(conversation, pair[0].Trim(), pair.Length == 2 ? pair[1].Trim()
                    .Replace("\\n", "\n", StringComparison.Ordinal) : string.Empty);
            case "TOOL":
                var words = rest.Split(' ', 2);
                return new ReplyPart.ToolCall(words[0], words.Length == 2 ? Input(words[1]) : []);
            default:
                return null;
        }
    }

    private static JsonObject Input(string text)
    {
        try
        {
            return JsonNode.Parse(text) as JsonObject ?? [];
        }
        catch (JsonException)
        {
            return new JsonObject { ["text"] = text };
        }
    }

    private Manner Manner(Manner manner, string word, string rest, Conversation conversation, int turn) => word switch
    {
        "STALL" => manner with { Stall = Seconds(rest) },
        "SLOW" => manner with { PerPiece = Seconds(rest) },
        "CUT" when IsDue(conversation, turn, rest) => manner with { Cut = true },
        "ANSWER" when Status().Match(rest) is { Success: true } status && IsDue(conversation, turn, rest) =>
        manner with { Status = int.Parse(status.ValueSpan, CultureInfo.InvariantCulture) },
        _ => manner,
    };

    /// <summary>Whether this answer is the one that is meant, and has not gone wrong as often as it should.</summary>
    private bool IsDue(Conversation conversation, int turn, string rest)
    {
        if (turn != conversation.Outcomes.Count)
        {
            return false;
        }

        var match = Times().Match(rest);
        var times = match.Success ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : 1;
        var key = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes($"{turn} {rest} {conversation.Prompt}")));
        lock (_gate)
        {
            if (_done.Count > CountersMax)
            {
                _done.Clear();
            }

            return (_done[key] = _done.GetValueOrDefault(key) + 1) <= times;
        }
    }

    private static TimeSpan Seconds(string text) =>
        double.TryParse(text.TrimEnd('s'), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) &&
            seconds is >= 0 and <= 3600 ? TimeSpan.FromSeconds(seconds) : TimeSpan.Zero;

    [GeneratedRegex("^(BASH|READ|WRITE|TOOL|SAY|STALL|SLOW|CUT|ANSWER):(.*)$", RegexOptions.Multiline)]
    private static partial Regex Line();

    [GeneratedRegex(@"^\d{3}\b")]
    private static partial Regex Status();

    [GeneratedRegex(@"\bx\s*(\d{1,4})$")]
    private static partial Regex Times();
}
