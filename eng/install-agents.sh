#!/bin/sh
# Installs the agent program that reviews pull requests: Claude Code at the version this tree is tested with.
#
#   eng/install-agents.sh [TARBALL]    install it; TARBALL names a copy of npm's package that is already here
#   eng/install-agents.sh --check      succeed when it is installed, fetch nothing
#
# npm's package for the platform holds one self-contained program: no Node is needed to run it, npm only fetches it.
# Installed already means nothing is done. Prints one line: where it is, or why it is not.
set -eu

name=claude-code
version=2.1.328

fail() {
    echo "install-agents: $1" >&2
    exit 1
}

case "$(uname -m)" in
    x86_64 | amd64) machine=x64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *) fail "no $name package for the processor $(uname -m)" ;;
esac

program=claude
case "$(uname -s)" in
    Linux) platform=linux-$machine data=${XDG_DATA_HOME:-$HOME/.local/share} ;;
    Darwin) platform=darwin-$machine data="$HOME/Library/Application Support" ;;
    MINGW* | MSYS* | CYGWIN*) platform=win32-$machine data=$(cygpath "$LOCALAPPDATA") program=claude.exe ;;
    *) fail "no $name package for $(uname -s)" ;;
esac

# The place where .NET's SpecialFolder.LocalApplicationData is, so that a host finds it without being told.
parent="$data/AgentPlatform/agents/$name"
target="$parent/$version"

if [ -x "$target/$program" ]; then
    echo "Claude Code $version is at $target"
    exit 0
fi
[ "${1:-}" != --check ] || fail "Claude Code $version is not installed"

package="@anthropic-ai/$name-$platform"
mkdir -p "$parent" || fail "cannot write to $parent"
# On the same file system as the target, because only there is a rename atomic.
work=$(mktemp -d "$parent/.install-XXXXXX") || fail "cannot write to $parent"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/kept"

tarball=${1:-}
if [ -z "$tarball" ]; then
    command -v npm >/dev/null 2>&1 || fail "npm is missing; with it, run this again to have pull requests reviewed"
    echo "Fetching $package $version (about 170 MB)..."
    (cd "$work" && npm pack --loglevel error "$package@$version" >npm.log 2>&1) ||
        fail "npm could not fetch $package@$version: $(sed -n 's/^npm err[a-z!]* //p' "$work/npm.log" | head -n 6 | tr '\n' ' ')"
    tarball=$(find "$work" -maxdepth 1 -name '*.tgz')
fi

tar -xzf "$tarball" -C "$work/kept" --strip-components 1 2>"$work/tar.log" || fail "$tarball is not a package: $(tail -n 1 "$work/tar.log")"
grep -q "\"name\": *\"$package\"" "$work/kept/package.json" || fail "$tarball is not $package"
grep -q "\"version\": *\"$version\"" "$work/kept/package.json" || fail "$tarball is not version $version"
chmod +x "$work/kept/$program" 2>/dev/null || fail "the package holds no program named $program"
# A sandbox runs it under another user, so the whole way to it must be readable.
chmod 755 "$work/kept"

[ -x "$target/$program" ] || rm -rf "$target"
mv "$work/kept" "$target" || fail "cannot write $target"
# Where another installation was faster, mv has put ours inside it.
rm -rf "$target/kept"
echo "Claude Code $version is at $target"
