namespace AgentPlatform.Emulators.GitHub.State;

/// <summary>All check runs of one App for one commit.</summary>
internal sealed class CheckSuite
{
    public required long Id { get; init; }

    public required string HeadSha { get; init; }

    public string? HeadBranch { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset UpdatedAt { get; set; }

    /// <summary>Set when somebody asks for the suite again: it is queued until a run of it moves.</summary>
    public bool Reset { get; set; }
}

/// <summary>A check run.</summary>
internal sealed class CheckRun
{
    public required long Id { get; init; }

    public required CheckSuite Suite { get; init; }

    public required string Name { get; set; }

    public required string HeadSha { get; init; }

    public string ExternalId { get; set; } = string.Empty;

    public string? DetailsUrl { get; set; }

    public string Status { get; set; } = "queued";

    public string? Conclusion { get; set; }

    public required DateTimeOffset StartedAt { get; set; }

    public DateTimeOffset? CompletedAt { get; set; }

    public string? Title { get; set; }

    public string? Summary { get; set; }

    public string? Text { get; set; }

    public List<Annotation> Annotations { get; } = [];

    public IReadOnlyList<CheckAction> Actions { get; set; } = [];
}

/// <summary>A remark on lines of a file.</summary>
internal sealed record Annotation(
    string Path, int StartLine, int EndLine, int? StartColumn, int? EndColumn, string Level, string? Title, string Message,
    string? RawDetails);

/// <summary>A button on a check run.</summary>
internal sealed record CheckAction(string Label, string Description, string Identifier);
