#!/bin/sh
# Installs GitHub's published descriptions of its REST API and webhooks, and a JSON-schema validator, for the tests that
# hold the emulator against them. Nothing of it is part of this tree.
#
#   eng/install-github-descriptions.sh            install
#   eng/install-github-descriptions.sh --check    succeed when it is installed, fetch nothing
#
# Installed already means nothing is done. Prints one line: where it is, or why it is not.
set -eu

rest=23.0.2
webhooks=12.1.0
ajv=8.20.0
formats=3.0.1

fail() {
    echo "install-github-descriptions: $1" >&2
    exit 1
}

case "$(uname -s)" in
    Darwin) data="$HOME/Library/Application Support" ;;
    MINGW* | MSYS* | CYGWIN*) data=$(cygpath "$LOCALAPPDATA") ;;
    *) data=${XDG_DATA_HOME:-$HOME/.local/share} ;;
esac

# The place where .NET's SpecialFolder.LocalApplicationData is, so that the tests find it without being told.
parent="$data/AgentPlatform/github-descriptions"
target="$parent/$rest-$webhooks"

if [ -f "$target/rest.json" ]; then
    echo "GitHub's descriptions are at $target"
    exit 0
fi
[ "${1:-}" != --check ] || fail "GitHub's descriptions are not installed"
command -v npm >/dev/null 2>&1 || fail "npm is missing; with it, run this again to test the emulator against GitHub's own description"

mkdir -p "$parent" || fail "cannot write to $parent"
# On the same file system as the target, because only there is a rename atomic.
work=$(mktemp -d "$parent/.install-XXXXXX") || fail "cannot write to $parent"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir "$work/kept"

reason() { sed -n 's/^npm err[a-z!]* //p' "$work/npm.log" | head -n 6 | tr '\n' ' '; }

take() {
    (cd "$work" && npm pack --loglevel error "$1@$2" >npm.log 2>&1) || fail "npm could not fetch $1@$2: $(reason)"
    tar -xzf "$work"/*.tgz -C "$work" package/generated/api.github.com.json || fail "$1@$2 holds no description of api.github.com"
    mv "$work/package/generated/api.github.com.json" "$work/kept/$3"
    rm -rf "$work"/*.tgz "$work/package"
}

take @octokit/openapi "$rest" rest.json
take @octokit/openapi-webhooks "$webhooks" webhooks.json
echo '{"private":true}' >"$work/kept/package.json"
(cd "$work/kept" && npm install --loglevel error --no-audit --no-fund --ignore-scripts --save-exact "ajv@$ajv" "ajv-formats@$formats" >../npm.log 2>&1) ||
    fail "npm could not install ajv@$ajv: $(reason)"

[ -f "$target/rest.json" ] || rm -rf "$target"
mv "$work/kept" "$target" || fail "cannot write $target"
# Where another installation was faster, mv has put ours inside it.
rm -rf "$target/kept"
echo "GitHub's descriptions are at $target"
