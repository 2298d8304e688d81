using AgentPlatform.Contracts.Hosts;
using Microsoft.AspNetCore.Http;

namespace AgentPlatform.Tests.Services.Wsl2Host;

/// <summary>What a repository holds, and what it is called, has no effect on the host.</summary>
public sealed class WorkspaceSafetyTests : WorkspaceTestBase
{
    [Theory]
    [InlineData("--upload-pack=id/x", "refs/pull/1/head")]
    [InlineData("octo/--upload-pack=id", "refs/pull/1/head")]
    [InlineData("octo/..", "refs/pull/1/head")]
    [InlineData("octo/project.git", "refs/pull/1/head")]
    [InlineData("octo/a/b", "refs/pull/1/head")]
    [InlineData("octo/project\n", "refs/pull/1/head")]
    [InlineData("octo@evil.test/x", "refs/pull/1/head")]
    [InlineData("octo/project", "--upload-pack=touch /tmp/x")]
    [InlineData("octo/project", "refs/heads/--upload-pack=id x")]
    [InlineData("octo/project", "refs/heads/a:refs/heads/b")]
    [InlineData("octo/project", "refs/heads/*")]
    [InlineData("octo/project", "refs/heads/a..b")]
    [InlineData("octo/project", "+refs/heads/main")]
    [InlineData("octo/project", "refs/heads/.hidden")]
    [InlineData("octo/project", "refs/heads/x.lock")]
    [InlineData("octo/project", "HEAD")]
    public async Task NamesThatCouldMeanSomethingElseAreRefusedBeforeAnybodyIsAsked(string fullName, string reference)
    {
        var code = await RefusedAsync(Request(Base, reference) with { Repository = new RepositorySource(Forge, 42, fullName) });

        Assert.Equal("invalid_request", code);
        Assert.Empty(Server.Requests);
    }

    [Theory]
    [InlineData("deadbeef")]
    [InlineData("--output=/tmp/xaaaaaaaaaaaaaaaaaaaaaaaaaa")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n")]
    public async Task OnlyAFullCommitNameIsOne(string sha)
    {
        Assert.Equal("invalid_request", await RefusedAsync(Request(sha)));
        Assert.Equal("invalid_request", await RefusedAsync(Request(Base) with { BaseSha = sha }));
        Assert.Empty(Server.Requests);
    }

    [Theory]
    [InlineData("a$(touch${IFS}canary)b")]
    [InlineData("a;id")]
    [InlineData("a|b")]
    [InlineData("a&b")]
    [InlineData("`id`")]
    [InlineData("a'b\"c")]
    [InlineData("a<b>c")]
    [InlineData("{}")]
    [InlineData("$IFS")]
    [InlineData("a!b")]
    [InlineData("a%0a")]
    [InlineData("emoji-🦊")]
    [InlineData("@")]
    [InlineData("HEAD")]
    [InlineData("refs/heads/x")]
    [InlineData("-x")]
    [InlineData("--upload-pack=id")]
    public async Task LegalButOddRefsAreFetchedAsTheyAre(string branch)
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo odd > odd.txt");
        Repository.UpdateRef($"refs/heads/{branch}", head);

        var (instance, view) = await PreparedAsync(head, $"refs/heads/{branch}");

        Assert.Equal(head, view.Sha);
        Assert.Equal("odd\n0\n", await ShellAsync(instance, "cat odd.txt; ls -a | grep -c canary"));
    }

    [Fact]
    public async Task TheTokenIsOnNoDiskInNoArgumentAndInNoInstance()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo two >> src/a.txt");
        List<string> arguments = [];
        Server.Before = context =>
        {
            lock (arguments)
            {
                arguments.AddRange(Directory.EnumerateDirectories("/proc").Select(process => ReadOrNothing(Path.Combine(process, "cmdline"))));
            }

            return Task.CompletedTask;
        };

        var (instance, _) = await PreparedAsync(head);

        Assert.DoesNotContain(arguments, line => line.Contains(Token, StringComparison.Ordinal));
        Assert.Contains(arguments, line => line.Contains("git-remote-http", StringComparison.Ordinal));
        Assert.DoesNotContain(Server.Requests, request => request.Contains("ghs_", StringComparison.Ordinal));
        var everywhere = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
        foreach (var file in Directory.EnumerateFiles(Host.Directories.State, "*", everywhere).Concat(Directory.EnumerateFiles(Host.Directories.Runtime, "*", everywhere)))
        {
            Assert.False(ReadOrNothing(file).Contains(Token, StringComparison.Ordinal), file);
        }

        Assert.Equal("0\n", await ShellAsync(instance, "(env; cat .git/config; cat /proc/*/environ) 2>/dev/null | grep -c ghs_"));
    }

    [Fact]
    public async Task SubmodulesLargeFilesFiltersAndHooksDoNothing()
    {
        var head = Repository.Commit(
            "refs/pull/1/head",
            Base,
            """
            printf '[submodule "x"]\n\tpath = x\n\turl = ext::sh -c "touch /tmp/canary"\n[submodule "y"]\n\tpath = y\n\turl = file:///etc\n' > .gitmodules
            printf '* filter=evil diff=evil\n*.bin filter=lfs\n' > .gitattributes
            printf '[lfs]\n\turl = http://127.0.0.1:1/\n' > .lfsconfig
            printf 'version https://git-lfs.github.com/spec/v1\noid sha256:0000000000000000000000000000000000000000000000000000000000000000\nsize 1\n' > big.bin
            mkdir -p hooks .githooks; printf '#!/bin/sh\ntouch /tmp/canary\n' | tee hooks/post-checkout .githooks/post-checkout > /dev/null; chmod 755 hooks/* .githooks/*
            git update-index --add --cacheinfo 160000,aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa,x
            """);

        var (instance, _) = await PreparedAsync(head);

        Assert.StartsWith("version https://git-lfs", await ShellAsync(instance, "cat big.bin"), StringComparison.Ordinal);
        Assert.Equal("0\n", await ShellAsync(instance, "ls -A x y /tmp 2>/dev/null | grep -c canary"));
        Assert.False(File.Exists("/tmp/canary"));
        Assert.All(Server.Requests, request => Assert.StartsWith("/octo/project.git/", request, StringComparison.Ordinal));
    }

    [Fact]
    public async Task ARedirectIsNotFollowed()
    {
        await using var other = await GitServer.StartAsync();
        Server.Before = context =>
        {
            context.Response.StatusCode = StatusCodes.Status302Found;
            context.Response.Headers.Location = $"{other.Url}{context.Request.Path}{context.Request.QueryString}";
            return Task.CompletedTask;
        };

        Assert.Equal(HostProblemCodes.FetchFailed, await RefusedAsync(Request(Base, "refs/heads/main")));
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task AgentConfigurationOfThePullRequestIsPutBackToBaseAndKeptInert()
    {
        var trusted = Repository.Commit(
            "refs/heads/main", Base, "mkdir -p .claude pkg; echo '{\"trusted\":1}' > .claude/settings.json; echo trusted > CLAUDE.md; echo trusted > pkg/AGENTS.md; echo trusted > .goosehints");
        var head = Repository.Commit(
            "refs/pull/1/head",
            trusted,
            """
            echo evil > CLAUDE.md; echo evil > pkg/AGENTS.md; rm .goosehints
            rm -r .claude; mkdir elsewhere; echo '{"hooks":1}' > elsewhere/settings.json; ln -s elsewhere .claude
            echo '{"mcpServers":1}' > .mcp.json; mkdir -p .codex deep/.claude .husky; echo evil > .codex/config.toml; echo evil > deep/.claude/settings.json; echo evil > .husky/pre-commit
            echo 'test-cmd: touch /tmp/canary' > .aider.conf.yml; echo kept > README.md; ln -s /etc .agentplatform
            """);
        var instance = await NewInstanceAsync();

        var view = await Node.Client.PrepareWorkspaceAsync(instance, Request(head) with { BaseSha = trusted }, CancellationToken.None);

        Assert.Equal(
            [
                ".aider.conf.yml", ".claude", ".claude/settings.json", ".codex/config.toml", ".goosehints", ".husky/pre-commit", ".mcp.json", "CLAUDE.md",
                "deep/.claude/settings.json", "pkg/AGENTS.md",
            ],
            view.RestoredPaths.Order(StringComparer.Ordinal));
        Assert.Equal("{\"trusted\":1}\ntrusted\ntrusted\ntrusted\nkept\n", await ShellAsync(instance, "cat .claude/settings.json CLAUDE.md pkg/AGENTS.md .goosehints README.md"));
        Assert.Equal("0\n", await ShellAsync(instance, "ls -d .mcp.json .codex deep/.claude .husky .aider.conf.yml 2>/dev/null | wc -l"));
        Assert.Equal(
            ".aider.conf.yml.pr\n.claude.pr\n.codex/config.toml.pr\n.husky/pre-commit.pr\n.mcp.json.pr\nCLAUDE.md.pr\ndeep/.claude/settings.json.pr\npkg/AGENTS.md.pr\n",
            await ShellAsync(instance, "cd .agentplatform/pr-config && find . ! -type d | sed 's,^./,,' | LC_ALL=C sort"));
        Assert.Equal("evil\n", await ShellAsync(instance, "cat .agentplatform/pr-config/CLAUDE.md.pr"));
        Assert.Contains(view.ChangedFiles, file => file is { Path: ".mcp.json", Change: FileChange.Added });
    }

    [Fact]
    public async Task ATrustedHeadKeepsItsAgentConfiguration()
    {
        var head = Repository.Commit("refs/pull/1/head", Base, "echo mine > CLAUDE.md");
        var instance = await NewInstanceAsync();

        var view = await Node.Client.PrepareWorkspaceAsync(instance, Request(head) with { RestoreAgentConfiguration = false }, CancellationToken.None);

        Assert.Empty(view.RestoredPaths);
        Assert.Equal("mine\n", await ShellAsync(instance, "cat CLAUDE.md"));
    }

    [Fact]
    public async Task TheWorkspacesRepositoryRunsNothingOnTheHost()
    {
        var (instance, _) = await PreparedAsync(Base, "refs/heads/main");
        await ShellAsync(instance, "git config core.fsmonitor 'touch /tmp/canary-fsmonitor'; git config core.hooksPath /workspace/hooks");
        await RestartAsync();

        await PreparedAsync(Base, "refs/heads/main");

        Assert.False(File.Exists("/tmp/canary-fsmonitor"));
    }

    private static string ReadOrNothing(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
