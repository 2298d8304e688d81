# What comes from the machine's package manager.

# The program of a Postgres server is often not on PATH (Debian keeps it under its version).
postgres_program() {
  local found
  found=$(command -v postgres || ls -d /usr/lib/postgresql/*/bin/postgres /opt/homebrew/opt/postgresql*/bin/postgres /usr/local/opt/postgresql*/bin/postgres 2>/dev/null | sort -V | tail -n 1) || true
  [ -n "$found" ] && printf '%s\n' "$found"
}

chromium_program() { command -v chromium || command -v chromium-browser || command -v google-chrome; }

# Names the missing packages, one a line, for the package manager given.
missing_packages() {
  local manager=$1 for_tests=$2
  has git || say git
  postgres_program >/dev/null || case $manager in apt-get) say postgresql ;; brew) say postgresql@17 ;; *) say postgresql-server ;; esac
  has redis-server || case $manager in apt-get) say redis-server ;; *) say redis ;; esac
  if [ "$(uname -s)" = Linux ]; then
    has bwrap || say bubblewrap
    has setpriv || say util-linux
    if [ "$for_tests" = yes ]; then chromium_program >/dev/null || say chromium; fi
  fi
}

package_manager() {
  local candidate
  for candidate in apt-get dnf brew; do
    if has "$candidate"; then say "$candidate"; return; fi
  done
  return 1
}

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi; }

# Debian starts a server, and makes a cluster of its own, when it installs one. The platform starts its own copies
# with its own data, so neither is wanted: a policy file, removed afterwards, keeps them from starting.
apt_install() {
  local policy=/usr/sbin/policy-rc.d placed=no code=0
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod +x $policy
    placed=yes
  fi
  as_root apt-get update -qq || true
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" || code=$?
  if [ $placed = yes ]; then as_root rm -f $policy; fi
  return $code
}

install_packages() {
  local for_tests=$1 manager packages
  manager=$(package_manager) || manager=none
  packages=$(missing_packages "$manager" "$for_tests")
  [ -n "$packages" ] || return 0
  # shellcheck disable=SC2086 # the list is split into words on purpose
  set -- $packages
  case $manager in
    apt-get) step "install $* (servers and sandbox the platform runs on)" apt_install "$@" ;;
    dnf) step "install $* (servers and sandbox the platform runs on)" as_root dnf install -y -q "$@" ;;
    brew) step "install $* (servers the platform runs on)" brew install -q "$@" ;;
    none) fail "no package manager that ./dev knows (apt-get, dnf, brew); please install: $*" ;;
  esac
}
