#!/bin/sh
# Installs the Aspire dashboard that the app host's stand-in starts (StandIns/Aspire.Hosting.AppHost/Dashboard).
#
#   eng/install-dashboard.sh [TARBALL]    install it; TARBALL names a copy of npm's package that is already here
#   eng/install-dashboard.sh --check      succeed when it is installed, fetch nothing
#
# The program comes out of npm's package of the Aspire command line for this platform. Installed already means nothing is done. Prints one line: where it is, or why it is not.
set -eu

version=13.5.4

fail() {
    echo "install-dashboard: $1" >&2
    exit 1
}

case "$(uname -m)" in
    x86_64 | amd64) machine=x64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *) fail "no dashboard package for the processor $(uname -m)" ;;
esac

program=aspire
case "$(uname -s)" in
    Linux) rid=linux-$machine data=${XDG_DATA_HOME:-$HOME/.local/share} ;;
    Darwin) rid=osx-$machine data="$HOME/Library/Application Support" ;;
    MINGW* | MSYS* | CYGWIN*) rid=win-$machine data=$(cygpath "$LOCALAPPDATA") program=aspire.exe ;;
    *) fail "no dashboard package for $(uname -s)" ;;
esac

# The place where .NET's SpecialFolder.LocalApplicationData is, so that the app host finds it without being told.
parent="$data/AgentPlatform/aspire-dashboard"
target="$parent/$version"

if [ -d "$target/managed" ]; then
    echo "Aspire dashboard $version is at $target"
    exit 0
fi

[ "${1:-}" != --check ] || fail "the Aspire dashboard $version is not installed"

package="@microsoft/aspire-cli-$rid"
mkdir -p "$parent" || fail "cannot write to $parent"
# On the same file system as the target, because only there is a rename atomic.
work=$(mktemp -d "$parent/.install-XXXXXX") || fail "cannot write to $parent"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/package" "$work/home" "$work/bundle"

tarball=${1:-}
if [ -z "$tarball" ]; then
    command -v npm >/dev/null 2>&1 || fail "npm is missing; with it, run this again to see the system in the Aspire dashboard"
    echo "Fetching $package $version (about 130 MB)..."
    (cd "$work" && npm pack --loglevel error "$package@$version" >npm.log 2>&1) ||
        fail "npm could not fetch $package@$version: $(sed -n 's/^npm err[a-z!]* //p' "$work/npm.log" | head -n 4 | tr '\n' ' ')"
    tarball=$(find "$work" -maxdepth 1 -name '*.tgz')
fi

tar -xzf "$tarball" -C "$work/package" --strip-components 1 2>"$work/tar.log" || fail "$tarball is not a package: $(tail -n 1 "$work/tar.log")"
grep -q "\"name\": *\"$package\"" "$work/package/package.json" || fail "$tarball is not $package"
grep -q "\"version\": *\"$version\"" "$work/package/package.json" || fail "$tarball is not version $version"

# Its own exit status tells nothing: it looks for parts of a full installation that the bundle does not have. A home of its
# own keeps it from leaving a profile, and a usage report, behind.
HOME="$work/home" XDG_DATA_HOME="$work/home" ASPIRE_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 \
    "$work/package/bin/$program" setup --install-path "$work/bundle" --non-interactive >"$work/setup.log" 2>&1 || true

managed=$(find "$work/bundle" -maxdepth 3 -type d -name managed)
[ -n "$managed" ] && [ -n "$(find "$managed" -maxdepth 1 -name 'aspire-managed*' -size +1000k)" ] ||
    fail "the package unpacked to no dashboard: $(grep -v '^ *$' "$work/setup.log" | tail -n 1)"

# Only the dashboard is kept: the orchestrator that comes with it is as large again and nothing here starts it.
mkdir "$work/kept"
mv "$managed" "$work/kept/managed"
mv "$work/package/README.md" "$work/kept/" 2>/dev/null || true
[ -d "$target/managed" ] || rm -rf "$target"
mv "$work/kept" "$target" || fail "cannot write $target"
# Where another installation was faster, mv has put ours inside it.
rm -rf "$target/kept"
echo "Aspire dashboard $version is at $target"
