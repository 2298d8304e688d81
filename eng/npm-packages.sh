# What the installers beside this have in common: something of npm's is put into the user's application data, as a whole or not at all.
# They source it; $parent is the directory of all versions, $target that of the pinned one.

fail() {
    echo "$(basename "$0" .sh): $1" >&2
    exit 1
}

# Where .NET's SpecialFolder.LocalApplicationData is, so that what is installed there is found without being told.
application_data() {
    case "$(uname -s)" in
        Darwin) echo "$HOME/Library/Application Support" ;;
        MINGW* | MSYS* | CYGWIN*) cygpath "$LOCALAPPDATA" ;;
        *) echo "${XDG_DATA_HOME:-$HOME/.local/share}" ;;
    esac
}

# platform_name LINUX MACOS WINDOWS: this platform as a package's name ends, given what the package calls each system.
platform_name() {
    case "$(uname -m)" in
        x86_64 | amd64) machine=x64 ;;
        aarch64 | arm64) machine=arm64 ;;
        *) fail "there is no package for the processor $(uname -m)" ;;
    esac
    case "$(uname -s)" in
        Linux) echo "$1-$machine" ;;
        Darwin) echo "$2-$machine" ;;
        MINGW* | MSYS* | CYGWIN*) echo "$3-$machine" ;;
        *) fail "there is no package for $(uname -s)" ;;
    esac
}

# need_npm WHY: WHY completes "run this again to …".
need_npm() {
    command -v npm >/dev/null 2>&1 || fail "npm is missing; with it, run this again to $1"
}

# Makes $work, and in it kept, which finish puts in place.
begin() {
    mkdir -p "$parent" || fail "cannot write to $parent"
    # On the same file system as the target, because only there is a rename atomic.
    work=$(mktemp -d "$parent/.install-XXXXXX") || fail "cannot write to $parent"
    trap 'rm -rf "$work"' EXIT
    trap 'exit 1' HUP INT TERM
    mkdir "$work/kept"
}

# pack PACKAGE VERSION: fetches it; $tarball is its file.
pack() {
    (cd "$work" && npm pack --loglevel error "$1@$2" >npm.log 2>&1) || fail "npm could not fetch $1@$2: $(npm_reason)"
    tarball=$(find "$work" -maxdepth 1 -name '*.tgz')
}

npm_reason() {
    sed -n 's/^npm err[a-z!]* //p' "$work/npm.log" | head -n 6 | tr '\n' ' '
}

# unpack PACKAGE VERSION DIRECTORY: unpacks $tarball, if it is that.
unpack() {
    tar -xzf "$tarball" -C "$3" --strip-components 1 2>"$work/tar.log" || fail "$tarball is not a package: $(tail -n 1 "$work/tar.log")"
    grep -q "\"name\": *\"$1\"" "$3/package.json" || fail "$tarball is not $1"
    grep -q "\"version\": *\"$2\"" "$3/package.json" || fail "$tarball is not version $2"
}

# finish MARK: puts what is kept in place. An installation is whole if it has MARK.
finish() {
    [ -e "$target/$1" ] || rm -rf "$target"
    mv "$work/kept" "$target" || fail "cannot write $target"
    # Where another installation was faster, mv has put ours inside it.
    rm -rf "$target/kept"
}
