# Building only what changed since the last build: MSBuild needs seconds to find out that there is nothing to do.

# build NAME TARGET [OPTION…]: builds a project or solution unless no source file is newer than its last build.
build() {
  local stamp=$state/built-$1 target=$2 begun
  shift 2
  if [ -f "$stamp" ] && [ -z "$(changed_since "$stamp")" ]; then return 0; fi
  begun=$(mktemp)
  step "build $target" dotnet build "$target" --nologo -v quiet -p:UseSharedCompilation=true -clp:NoSummary "$@"
  mv "$begun" "$stamp"
}

changed_since() {
  find . \( -name bin -o -name obj -o -name .git -o -name .dev -o -name node_modules \) -prune -o -type f \
    \( -name '*.cs' -o -name '*.csproj' -o -name '*.props' -o -name '*.targets' -o -name '*.json' -o -name '*.proto' -o -name '*.razor' \
    -o -name '*.css' -o -name '*.js' -o -name '*.html' -o -name '*.sh' -o -name '*.sln' \) -newer "$1" -print -quit
}
