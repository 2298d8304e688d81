#!/bin/sh
# Installs the agent program that reviews pull requests: Claude Code at the version this tree is tested with.
#
#   eng/install-agents.sh [TARBALL]    install it; TARBALL names a copy of npm's package that is already here
#   eng/install-agents.sh --check      succeed when it is installed, fetch nothing
#
# npm's package for the platform holds one self-contained program: no Node is needed to run it, npm only fetches it.
# Installed already means nothing is done. Prints one line: where it is, or why it is not.
set -eu

. "$(dirname "$0")/npm-packages.sh"

name=claude-code
version=2.1.328
platform=$(platform_name linux darwin win32)
package="@anthropic-ai/$name-$platform"
parent="$(application_data)/AgentPlatform/agents/$name"
target="$parent/$version"
program=claude
case $platform in win32-*) program=claude.exe ;; esac

if [ -x "$target/$program" ]; then
    echo "Claude Code $version is at $target"
    exit 0
fi
[ "${1:-}" != --check ] || fail "Claude Code $version is not installed"

begin
tarball=${1:-}
if [ -z "$tarball" ]; then
    need_npm "have pull requests reviewed"
    echo "Fetching $package $version (about 170 MB)..."
    pack "$package" "$version"
fi

unpack "$package" "$version" "$work/kept"
chmod +x "$work/kept/$program" 2>/dev/null || fail "the package holds no program named $program"
# A sandbox runs it under another user, so the whole way to it must be readable.
chmod 755 "$work/kept"
finish "$program"
echo "Claude Code $version is at $target"
