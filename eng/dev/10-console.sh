# Words on the console: colour only for a person, progress with the time it took.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
  bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' yellow=$'\e[33m' plain=$'\e[0m'
else
  bold= dim= red= green= yellow= plain=
fi

say() { printf '%s\n' "$*"; }
note() { printf '  %s%s%s\n' "$dim" "$*" "$plain"; }
warn() { printf '  %s!%s %s\n' "$yellow" "$plain" "$*" >&2; }

# fail MESSAGE [EXIT-CODE]
fail() {
  printf '%serror:%s %s\n' "$red" "$plain" "$1" >&2
  exit "${2:-1}"
}

# step TITLE COMMAND…: runs quietly and shows one line; on failure the last lines of the command's own output.
step() {
  local title=$1 log started=$SECONDS
  shift
  log=$(mktemp)
  [ ! -t 1 ] || printf '  %s…\r' "$title"
  if "$@" >"$log" 2>&1 </dev/null; then
    printf '  %s✓%s %s %s(%ss)%s\n' "$green" "$plain" "$title" "$dim" "$((SECONDS - started))" "$plain"
    rm -f "$log"
  else
    local code=$?
    printf '  %s✗%s %s\n' "$red" "$plain" "$title"
    tail -n 30 "$log" | sed 's/^/    /' >&2
    rm -f "$log"
    return "$code"
  fi
}

has() { command -v "$1" >/dev/null 2>&1; }
