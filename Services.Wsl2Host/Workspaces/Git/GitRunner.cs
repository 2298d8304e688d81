using System.Globalization;
using AgentPlatform.Contracts.Hosts;
using Services.Wsl2Host.Drivers;

namespace Services.Wsl2Host.Workspaces.Git;

/// <summary>
/// Runs git on what nobody trusts: in a sandbox, as a user of its own, with no configuration but the one given here, no prompts, no hooks, no monitors,
/// no submodules, no large file filters, and only the protocols that fetching takes.
/// </summary>
/// <param name="tools">Where it runs.</param>
internal sealed class GitRunner(ISandboxedTools tools)
{
    /// <summary>The variable that carries the token to git's credential helper.</summary>
    public const string TokenVariable = "AGENTPLATFORM_TOKEN";

    private static readonly (string Key, string Value)[] Configuration =
    [
        ("core.hooksPath", "/var/empty"),
        ("core.fsmonitor", "false"),
        ("core.attributesFile", "/dev/null"),
        ("core.excludesFile", "/dev/null"),
        ("core.protectHFS", "true"),
        ("core.protectNTFS", "true"),
        ("protocol.allow", "never"),
        ("protocol.https.allow", "always"),
        ("submodule.recurse", "false"),
        ("http.followRedirects", "false"),
        ("gc.auto", "0"),
        ("maintenance.auto", "false"),
        ("advice.detachedHead", "false"),
        ("filter.lfs.smudge", ""),
        ("filter.lfs.process", ""),
        ("filter.lfs.required", "false"),
        ("credential.helper", ""),
    ];

    /// <summary>The user that writes repositories.</summary>
    public uint User => tools.User;

    /// <summary>Runs a script that uses git.</summary>
    /// <param name="name">For logs.</param>
    /// <param name="script">Fixed text.</param>
    /// <param name="arguments">Its parameters.</param>
    /// <param name="binds">The directories that it sees.</param>
    /// <param name="remote">What it may reach; null for nothing.</param>
    /// <param name="token">What opens it; null for nothing.</param>
    /// <param name="timeout">When it is ended.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public Task<ToolResult> RunAsync(
        string name,
        string script,
        IReadOnlyList<string> arguments,
        IReadOnlyList<ToolBind> binds,
        Uri? remote,
        SecretText? token,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        Dictionary<string, string> environment = new(StringComparer.Ordinal)
        {
            ["PATH"] = "/usr/bin:/bin",
            ["HOME"] = "/var/empty",
            ["LC_ALL"] = "C",
            ["GIT_CONFIG_NOSYSTEM"] = "1",
            ["GIT_CONFIG_GLOBAL"] = "/dev/null",
            ["GIT_ATTR_NOSYSTEM"] = "1",
            ["GIT_TERMINAL_PROMPT"] = "0",
            ["GIT_ASKPASS"] = "/bin/false",
            ["GIT_LFS_SKIP_SMUDGE"] = "1",
            ["GIT_OPTIONAL_LOCKS"] = "0",
            ["GIT_PROTOCOL_FROM_USER"] = "0",
            ["GIT_ALLOW_PROTOCOL"] = remote?.Scheme ?? "none",
            ["GIT_AUTHOR_NAME"] = "agentplatform",
            ["GIT_AUTHOR_EMAIL"] = "agentplatform@localhost",
            ["GIT_COMMITTER_NAME"] = "agentplatform",
            ["GIT_COMMITTER_EMAIL"] = "agentplatform@localhost",
        };
        List<(string Key, string Value)> configuration = [.. Configuration];
        if (remote?.Scheme == Uri.UriSchemeHttp)
        {
            configuration.Add(("protocol.http.allow", "always"));
        }

        Dictionary<string, SecretText> secrets = [];
        if (token is { } secret)
        {
            // The text is fixed; the token stays in the environment of this one process tree.
            configuration.Add(("credential.helper", $"!f() {{ test \"$1\" = get && printf 'username=x-access-token\\npassword=%s\\n' \"${TokenVariable}\"; }}; f"));
            secrets[TokenVariable] = secret;
        }

        for (var i = 0; i < configuration.Count; i++)
        {
            environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_KEY_{i}")] = configuration[i].Key;
            environment[string.Create(CultureInfo.InvariantCulture, $"GIT_CONFIG_VALUE_{i}")] = configuration[i].Value;
        }

        environment["GIT_CONFIG_COUNT"] = configuration.Count.ToString(CultureInfo.InvariantCulture);
        var peer = remote is null ? null : new ToolPeer(remote.Host, remote.Port);
        return tools.RunAsync(new ToolSpec(name, script, arguments, environment, secrets, binds, peer, timeout), cancellationToken);
    }
}
