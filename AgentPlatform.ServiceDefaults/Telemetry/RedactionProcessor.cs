using System.Diagnostics;
using OpenTelemetry;

namespace AgentPlatform.ServiceDefaults.Telemetry;

/// <summary>
/// The second line behind <see cref="TelemetryPrivacy"/>: takes query strings, user information and prompts out of every span before it
/// is exported, whoever put them there.
/// </summary>
internal sealed class RedactionProcessor : BaseProcessor<Activity>
{
    private static readonly string[] Addresses = ["url.full", "http.url", "http.target"];

    private static readonly string[] Removed =
    [
        "url.query",
        "gen_ai.prompt",
        "gen_ai.completion",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.system_instructions",
        "gen_ai.tool.call.arguments",
        "gen_ai.tool.call.result",
    ];

    public override void OnEnd(Activity data)
    {
        foreach (var name in Removed)
        {
            if (data.GetTagItem(name) is not null)
            {
                data.SetTag(name, null);
            }
        }

        foreach (var name in Addresses)
        {
            if (data.GetTagItem(name) is string address)
            {
                data.SetTag(name, WithoutSecrets(address));
            }
        }
    }

    /// <summary>The address without query, fragment and user information.</summary>
    internal static string WithoutSecrets(string address)
    {
        var end = address.AsSpan().IndexOfAny('?', '#');
        var kept = end < 0 ? address : address[..end];
        var authority = kept.IndexOf("://", StringComparison.Ordinal);
        if (authority < 0)
        {
            return kept;
        }

        authority += 3;
        var path = kept.IndexOf('/', authority);
        var user = kept.LastIndexOf('@', path < 0 ? kept.Length - 1 : path);
        return user < authority ? kept : string.Concat(kept.AsSpan(0, authority), kept.AsSpan(user + 1));
    }
}
