#!/bin/sh
# Installs the Aspire dashboard that the app host's stand-in starts (StandIns/Aspire.Hosting.AppHost/Dashboard).
#
#   eng/install-dashboard.sh [TARBALL]    install it; TARBALL names a copy of npm's package that is already here
#   eng/install-dashboard.sh --check      succeed when it is installed, fetch nothing
#
# The program comes out of npm's package of the Aspire command line for this platform. Installed already means nothing is done. Prints one line: where it is, or why it is not.
set -eu

. "$(dirname "$0")/npm-packages.sh"

version=13.5.4
rid=$(platform_name linux osx win)
package="@microsoft/aspire-cli-$rid"
parent="$(application_data)/AgentPlatform/aspire-dashboard"
target="$parent/$version"
program=aspire
case $rid in win-*) program=aspire.exe ;; esac

if [ -d "$target/managed" ]; then
    echo "Aspire dashboard $version is at $target"
    exit 0
fi
[ "${1:-}" != --check ] || fail "the Aspire dashboard $version is not installed"

begin
mkdir "$work/package" "$work/home" "$work/bundle"
tarball=${1:-}
if [ -z "$tarball" ]; then
    need_npm "see the system in the Aspire dashboard"
    echo "Fetching $package $version (about 130 MB)..."
    pack "$package" "$version"
fi

unpack "$package" "$version" "$work/package"

# Its own exit status tells nothing: it looks for parts of a full installation that the bundle does not have. A home of its
# own keeps it from leaving a profile, and a usage report, behind.
HOME="$work/home" XDG_DATA_HOME="$work/home" ASPIRE_CLI_TELEMETRY_OPTOUT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 \
    "$work/package/bin/$program" setup --install-path "$work/bundle" --non-interactive >"$work/setup.log" 2>&1 || true

managed=$(find "$work/bundle" -maxdepth 3 -type d -name managed)
[ -n "$managed" ] && [ -n "$(find "$managed" -maxdepth 1 -name 'aspire-managed*' -size +1000k)" ] ||
    fail "the package unpacked to no dashboard: $(grep -v '^ *$' "$work/setup.log" | tail -n 1)"

# Only the dashboard is kept: the orchestrator that comes with it is as large again and nothing here starts it.
mv "$managed" "$work/kept/managed"
mv "$work/package/README.md" "$work/kept/" 2>/dev/null || true
finish managed
echo "Aspire dashboard $version is at $target"
