using System.Text.Json;

namespace Services.Webhooks.Payloads;

/// <summary>
/// Reads a payload once, from end to end: that it is one complete JSON object, and the few facts that matter. Objects that hold none of them are
/// passed over without being built.
/// </summary>
internal static class PayloadScanner
{
    /// <summary>Reads the value of the property that the reader is at.</summary>
    private delegate void Property(ref Utf8JsonReader reader, PayloadFacts facts);

    /// <summary>Reads the facts; null if the payload is not one complete JSON object.</summary>
    public static PayloadFacts? Scan(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        var facts = new PayloadFacts();
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            ReadProperties(ref reader, facts, OnRoot);

            // Anything but white space behind the object throws.
            return reader.Read() ? null : facts;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The second is for a property's name with half of a surrogate pair.
            return null;
        }
    }

    private static void OnRoot(ref Utf8JsonReader reader, PayloadFacts facts)
    {
        if (reader.ValueTextEquals("pull_request"u8))
        {
            Enter(ref reader, facts, OnPullRequest);
        }
        else if (reader.ValueTextEquals("repository"u8))
        {
            Enter(ref reader, facts, OnRepository);
        }
        else if (reader.ValueTextEquals("issue"u8))
        {
            OnIssue(ref reader, facts);
        }
        else if (reader.ValueTextEquals("check_run"u8))
        {
            Enter(ref reader, facts, OnCheckRun);
        }
        else if (reader.ValueTextEquals("check_suite"u8))
        {
            Enter(ref reader, facts, OnCheckSuite);
        }
        else if (reader.ValueTextEquals("merge_group"u8))
        {
            Enter(ref reader, facts, OnMergeGroup);
        }
        else
        {
            OnSmallProperty(ref reader, facts);
        }
    }

    private static void OnSmallProperty(ref Utf8JsonReader reader, PayloadFacts facts)
    {
        if (reader.ValueTextEquals("action"u8))
        {
            facts.Action = PayloadValues.Text(ref reader);
        }
        else if (reader.ValueTextEquals("installation"u8))
        {
            facts.InstallationId = PayloadValues.NumberIn(ref reader, "id"u8);
        }
        else if (reader.ValueTextEquals("sender"u8))
        {
            facts.Sender = PayloadValues.TextIn(ref reader, "login"u8);
        }
        else if (reader.ValueTextEquals("comment"u8))
        {
            facts.CommentId = PayloadValues.NumberIn(ref reader, "id"u8);
        }
        else if (reader.ValueTextEquals("label"u8))
        {
            facts.Label = PayloadValues.TextIn(ref reader, "name"u8);
        }
        else if (reader.ValueTextEquals("requested_action"u8))
        {
            facts.RequestedAction = PayloadValues.TextIn(ref reader, "identifier"u8);
        }
        else if (reader.ValueTextEquals("ref"u8))
        {
            facts.Ref = PayloadValues.Text(ref reader);
        }
        else if (reader.ValueTextEquals("after"u8))
        {
            // A synchronized pull request has it too; its head says the same, and comes first or replaces it.
            var after = PayloadValues.Sha(PayloadValues.Text(ref reader));
            facts.HeadSha ??= after;
        }
        else
        {
            PayloadValues.Skip(ref reader);
        }
    }

    private static void OnPullRequest(ref Utf8JsonReader reader, PayloadFacts facts)
    {
        if (reader.ValueTextEquals("number"u8))
        {
            facts.PullRequest = PayloadValues.Number(ref reader);
        }
        else if (reader.ValueTextEquals("head"u8))
        {
            facts.HeadSha = PayloadValues.Sha(PayloadValues.TextIn(ref reader, "sha"u8));
        }
        else if (reader.ValueTextEquals("base"u8))
        {
            facts.BaseSha = PayloadValues.Sha(PayloadValues.TextIn(ref reader, "sha"u8));
        }
        else
        {
            PayloadValues.Skip(ref reader);
        }
    }

    private static void OnRepository(ref Utf8JsonReader reader, PayloadFacts facts)
    {
        if (reader.ValueTextEquals("id"u8))
        {
            facts.RepositoryId = PayloadValues.Number(ref reader);
        }
        else if (reader.ValueTextEquals("full_name"u8))
        {
            facts.Repository = PayloadValues.RepositoryName(PayloadValues.Text(ref reader));
        }
        else
        {
            PayloadValues.Skip(ref reader);
        }
    }

    private static void OnCheckRun(ref Utf8JsonReader reader, PayloadFacts facts)
    {
        if (reader.ValueTextEquals("id"u8))
        {
            facts.CheckRunId = PayloadValues.Number(ref reader);
        }
        else if (reader.ValueTextEquals("head_sha"u8))
        {
            facts.HeadSha = PayloadValues.Sha(PayloadValues.Text(ref reader));
        }
        else if (reader.ValueTextEquals("external_id"u8))
        {
            facts.ExternalId = PayloadValues.Text(ref reader);
        }
        else if (reader.ValueTextEquals("check_suite"u8))
        {
            facts.CheckSuiteId = PayloadValues.NumberIn(ref reader, "id"u8);
        }
        else
        {
            PayloadValues.Skip(ref reader);
        }
    }

    private static void OnCheckSuite(ref Utf8JsonReader reader, PayloadFacts facts)
    {
        if (reader.ValueTextEquals("id"u8))
        {
            facts.CheckSuiteId = PayloadValues.Number(ref reader);
        }
        else if (reader.ValueTextEquals("head_sha"u8))
        {
            facts.HeadSha = PayloadValues.Sha(PayloadValues.Text(ref reader));
        }
        else
        {
            PayloadValues.Skip(ref reader);
        }
    }

    private static void OnMergeGroup(ref Utf8JsonReader reader, PayloadFacts facts)
    {
        if (reader.ValueTextEquals("head_sha"u8))
        {
            facts.HeadSha = PayloadValues.Sha(PayloadValues.Text(ref reader));
        }
        else if (reader.ValueTextEquals("base_sha"u8))
        {
            facts.BaseSha = PayloadValues.Sha(PayloadValues.Text(ref reader));
        }
        else if (reader.ValueTextEquals("head_ref"u8))
        {
            facts.Ref = PayloadValues.Text(ref reader);
        }
        else
        {
            PayloadValues.Skip(ref reader);
        }
    }

    /// <summary>An issue is a pull request when it says so itself, which may come before or after its number.</summary>
    private static void OnIssue(ref Utf8JsonReader reader, PayloadFacts facts)
    {
        var issue = new PayloadFacts();
        var isPullRequest = false;
        Enter(ref reader, issue, (ref reader, issue) =>
        {
            if (reader.ValueTextEquals("number"u8))
            {
                issue.PullRequest = PayloadValues.Number(ref reader);
                return;
            }

            var marks = reader.ValueTextEquals("pull_request"u8);
            reader.Read();
            isPullRequest |= marks && reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
        });
        facts.PullRequest ??= isPullRequest ? issue.PullRequest : null;
    }

    private static void Enter(ref Utf8JsonReader reader, PayloadFacts facts, Property property)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
        {
            ReadProperties(ref reader, facts, property);
        }
        else
        {
            reader.Skip();
        }
    }

    private static void ReadProperties(ref Utf8JsonReader reader, PayloadFacts facts, Property property)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            property(ref reader, facts);
        }
    }
}
