namespace Services.Webhooks.Payloads;

/// <summary>What is read from a payload: enough to know where to look. What is absent, or not in a form that can be right, is null.</summary>
internal sealed class PayloadFacts
{
    public string? Action { get; set; }

    public long? InstallationId { get; set; }

    public long? RepositoryId { get; set; }

    public string? Repository { get; set; }

    public long? PullRequest { get; set; }

    public string? HeadSha { get; set; }

    public string? BaseSha { get; set; }

    public string? Ref { get; set; }

    public string? Sender { get; set; }

    public long? CommentId { get; set; }

    public long? CheckRunId { get; set; }

    public long? CheckSuiteId { get; set; }

    public string? ExternalId { get; set; }

    public string? RequestedAction { get; set; }

    public string? Label { get; set; }
}
