namespace Services.Wsl2Host.Workspaces.Git;

/// <summary>Makes a checkout: fixed text for <c>/bin/sh</c>, run with no network, seeing the mirror's objects and an empty directory.</summary>
internal static class CheckoutScript
{
    /// <summary>The tree is larger than allowed.</summary>
    public const int ExitTooLarge = 5;

    /// <summary>
    /// Parameters: the commit, the one it is compared with or nothing, <c>restore</c> or <c>keep</c>, bytes and files of a checkout, bytes of a diff,
    /// and the pathspecs of agent configuration.
    /// </summary>
    /// <remarks>
    /// The repository borrows the mirror's objects, so nothing is copied. What the pull request changed of agent configuration is first put aside under names
    /// that no agent reads, then the base's state is checked out over it, with what base does not have removed.
    /// </remarks>
    public const string Text = """
        set -eu
        head=$1 base=$2 restore=$3 bytes=$4 files=$5 diff=$6
        shift 6
        cd /checkout
        mkdir tree meta
        : > meta/changed; : > meta/diff; : > meta/restored; : > meta/mergebase; : > meta/size
        cd tree
        git init -q --template= --initial-branch=agentplatform .
        mkdir -p .git/info
        echo /var/lib/agentplatform/objects > .git/objects/info/alternates
        echo /.agentplatform/ > .git/info/exclude
        git config core.checkStat minimal
        git config gc.auto 0
        git ls-tree -r -l "$head" | awk -v bytes="$bytes" -v files="$files" '{ n++; if ($4 != "-") s += $4 } END { printf "%d %.0f\n", n, s; exit (n > files || s > bytes) ? 1 : 0 }' > ../meta/size || exit 5
        git checkout -q --detach --no-recurse-submodules "$head" --
        if [ -z "$base" ]; then exit 0; fi
        from=$(git merge-base "$base" "$head") || from=
        echo "$from" > ../meta/mergebase
        git diff --no-ext-diff --no-textconv --no-color --ignore-submodules=dirty -M -z --raw --numstat "${from:-$base}" "$head" -- > ../meta/changed
        git diff --no-ext-diff --no-textconv --no-color --ignore-submodules=dirty -M "${from:-$base}" "$head" -- | head -c "$diff" > ../meta/diff
        if [ "$restore" != restore ]; then exit 0; fi
        git diff --name-only --no-renames -z "$base" "$head" -- "$@" > ../meta/restored
        if [ ! -s ../meta/restored ]; then exit 0; fi
        if [ -L .agentplatform ] || [ -f .agentplatform ]; then rm -f .agentplatform; fi
        rm -rf .agentplatform/pr-config
        git diff --name-only --no-renames --diff-filter=AMT -z "$base" "$head" -- "$@" | git checkout-index -q -f -z --stdin --prefix=.agentplatform/pr-config/ || true
        if [ -d .agentplatform/pr-config ]; then
          find .agentplatform/pr-config \( -type f -o -type l \) -exec sh -c 'for f do mv -T -- "$f" "$f.pr"; done' move {} +
        fi
        GIT_LITERAL_PATHSPECS=1 git checkout -q --no-overlay --no-recurse-submodules "$base" --pathspec-from-file=../meta/restored --pathspec-file-nul
        """;

    /// <summary>
    /// What agents read by themselves, at any depth. From a pull request it could start programs, turn checks off or send keys elsewhere.
    /// </summary>
    public static IReadOnlyList<string> AgentConfiguration { get; } =
    [
        .. from name in (string[])
            [
                ".claude", ".mcp.json", ".claude.json", "CLAUDE.md", "CLAUDE.local.md", "AGENTS.md", "AGENTS.override.md", ".codex",
                ".goose*", ".aider*", ".gitmodules", ".ripgreprc", ".husky",
            ]
           from pathspec in (string[])[$":(glob)**/{name}", $":(glob)**/{name}/**"]
           select pathspec,
    ];
}
