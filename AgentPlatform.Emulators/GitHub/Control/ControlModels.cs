using System.Text.Json;

namespace AgentPlatform.Emulators.GitHub.Control;

/// <summary>A repository to be made.</summary>
/// <param name="Files">Path to content: a text, or <c>{"base64": "…", "mode": "100755"}</c>, or <c>{"text": "…", "mode": "120000"}</c> for
/// a link.</param>
/// <param name="Directory">A directory of this machine whose files are taken over as well; <c>.git</c> is left out.</param>
/// <param name="Installed">Whether the App is installed for its owner. Default: yes.</param>
internal sealed record NewRepository(
    string Owner, string Name, bool Private = true, string DefaultBranch = "main", string? Description = null, bool Organization = false,
        bool Installed = true,
    Dictionary<string, JsonElement>? Files = null, string? Directory = null, Dictionary<string, string>? Collaborators = null);

/// <summary>A commit to be made and pushed.</summary>
/// <param name="Branch">The branch, made when there is none.</param>
/// <param name="Files">Path to content, as for a repository; null removes the file.</param>
/// <param name="From">The commit or branch it stands on. Default: the branch itself, or the default branch for a new one. Any other commit
/// makes it a force-push.</param>
/// <param name="Replace">Whether files that are not named are removed.</param>
internal sealed record NewCommit(string Branch, Dictionary<string, JsonElement> Files, string Message = "Change", string? From = null,
    bool Replace = false, string? User = null);

internal sealed record MovedBranch(string Branch, string Sha, string? User = null);

/// <summary>A pull request to be opened.</summary>
/// <param name="Head">A branch of the repository, or <c>owner:branch</c> of a fork.</param>
internal sealed record NewPull(string Head, string Title = "A change", string? Body = null, string? Base = null, bool Draft = false,
    string? User = null);

internal sealed record NewComment(string Body, string? User = null);

internal sealed record NewFork(string Owner, string? Name = null);

internal sealed record NewName(string Name);

internal sealed record NewRole(string Login, string Role);

internal sealed record Actor(string? User = null);

internal sealed record PressedAction(string Identifier, string? User = null);

internal sealed record NewInstallation(string Account, bool Organization = false, string[]? Repositories = null);

internal sealed record NewTarget(string? Url, string? Secret);

/// <summary>A request to send as it is, with no record kept.</summary>
/// <param name="Text">The body as text, or <paramref name="Base64"/> for bytes.</param>
/// <param name="Headers">Put in place of those that a delivery would carry; null removes one.</param>
/// <param name="Copies">How many are sent at the same time.</param>
/// <param name="Guid">The delivery's GUID. Default: a new one, the same for all copies.</param>
/// <param name="Secret">What signs it in place of the configured secret.</param>
internal sealed record RawDelivery(
    string? Text = null, string? Base64 = null, string Event = "pull_request", Dictionary<string, string?>? Headers = null, int Copies = 1,
        string? Url = null, string? Guid = null, string? Secret = null);
