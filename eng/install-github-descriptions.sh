#!/bin/sh
# Installs GitHub's published descriptions of its REST API and webhooks, and a JSON-schema validator, for the tests that
# hold the emulator against them. Nothing of it is part of this tree.
#
#   eng/install-github-descriptions.sh            install
#   eng/install-github-descriptions.sh --check    succeed when it is installed, fetch nothing
#
# Installed already means nothing is done. Prints one line: where it is, or why it is not.
set -eu

. "$(dirname "$0")/npm-packages.sh"

rest=23.0.2
webhooks=12.1.0
ajv=8.20.0
formats=3.0.1
parent="$(application_data)/AgentPlatform/github-descriptions"
target="$parent/$rest-$webhooks"

if [ -f "$target/rest.json" ]; then
    echo "GitHub's descriptions are at $target"
    exit 0
fi
[ "${1:-}" != --check ] || fail "GitHub's descriptions are not installed"
need_npm "test the emulator against GitHub's own description"
begin

take() {
    pack "$1" "$2"
    tar -xzf "$tarball" -C "$work" package/generated/api.github.com.json || fail "$1@$2 holds no description of api.github.com"
    mv "$work/package/generated/api.github.com.json" "$work/kept/$3"
    rm -rf "$tarball" "$work/package"
}

take @octokit/openapi "$rest" rest.json
take @octokit/openapi-webhooks "$webhooks" webhooks.json
echo '{"private":true}' >"$work/kept/package.json"
(cd "$work/kept" && npm install --loglevel error --no-audit --no-fund --ignore-scripts --save-exact "ajv@$ajv" "ajv-formats@$formats" >../npm.log 2>&1) ||
    fail "npm could not install ajv@$ajv: $(npm_reason)"

finish rest.json
echo "GitHub's descriptions are at $target"
