using System.Text.Json.Serialization;

namespace AgentPlatform.Contracts;

/// <summary>
/// A webhook delivery was verified and committed. It is a hint to look at the forge, never the truth about it: deliveries come late, twice and out of order.
/// What the payload did not say, or said in a form that cannot be right, is null.
/// </summary>
/// <param name="Delivery">The stored delivery, to acknowledge.</param>
/// <param name="ForgeGuid">The forge's GUID for it. The signature does not cover it.</param>
/// <param name="Event">The event's name, such as <c>pull_request</c>. The signature does not cover it either.</param>
/// <param name="Action">What happened, such as <c>synchronize</c>.</param>
/// <param name="Forge">The forge instance, as a host name: a repository is this and <paramref name="RepositoryId"/>, never its name.</param>
/// <param name="InstallationId">The GitHub App's installation.</param>
/// <param name="RepositoryId">The repository.</param>
/// <param name="Repository">Its name at that time, <c>owner/name</c>, for people to read.</param>
/// <param name="PullRequest">The pull request's number.</param>
/// <param name="HeadSha">The commit in question: a pull request's or merge group's head, a check's head, or what a push led to.</param>
/// <param name="BaseSha">The commit it is compared with.</param>
/// <param name="Ref">The full ref of a push, or a merge group's head ref.</param>
/// <param name="Sender">The login of who caused it; not yet a reason to trust anybody.</param>
/// <param name="CommentId">The comment that was made.</param>
/// <param name="CheckRunId">The check run that was asked for again.</param>
/// <param name="CheckSuiteId">The check suite, or the check run's suite.</param>
/// <param name="ExternalId">What we wrote on the check run when it was created.</param>
/// <param name="RequestedAction">The identifier of the button that was pressed on a check run.</param>
/// <param name="Label">The label that was set or taken away.</param>
public sealed record DeliveryReceived(
    DeliveryId Delivery,
    [property: JsonPropertyName("guid")] Guid ForgeGuid,
    string Event,
    string? Action,
    string Forge,
    long? InstallationId = null,
    long? RepositoryId = null,
    string? Repository = null,
    long? PullRequest = null,
    string? HeadSha = null,
    string? BaseSha = null,
    string? Ref = null,
    string? Sender = null,
    long? CommentId = null,
    long? CheckRunId = null,
    long? CheckSuiteId = null,
    string? ExternalId = null,
    string? RequestedAction = null,
    string? Label = null);
