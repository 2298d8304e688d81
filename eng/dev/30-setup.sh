# `./dev setup`: everything the system needs, said aloud, repeatable.

state=.dev

setup() {
  local quiet=no for_tests=no argument
  for argument in "$@"; do
    case $argument in
      --quiet) quiet=yes ;;
      --for-tests) for_tests=yes ;;
      *) fail "setup knows --for-tests, not '$argument'" 2 ;;
    esac
  done
  mkdir -p $state
  [ $quiet = yes ] || say "${bold}setup${plain}"
  has dotnet || fail "the .NET 10 SDK is missing: https://dotnet.microsoft.com/download"
  install_packages $for_tests
  install_from_npm dashboard eng/install-dashboard.sh "the Aspire dashboard" "the system runs without the dashboard"
  install_from_npm agents eng/install-agents.sh "the Claude Code program" "runs are reviewed only where the host has an agent program"
  if [ $for_tests = yes ]; then
    install_from_npm descriptions eng/install-github-descriptions.sh "GitHub's published API descriptions" "the tests that hold the emulator against them are skipped"
  fi
  choose_aspire
  [ $quiet = yes ] || say "  ${green}ready${plain}: ./dev run, or dotnet run --project AgentPlatform.AppHost"
}

# install_from_npm NAME SCRIPT WHAT WITHOUT: optional parts; a machine without npm goes on without them.
install_from_npm() {
  local script=$2 what=$3 without=$4
  if sh "$script" --check >/dev/null 2>&1; then return 0; fi
  if ! has npm; then warn "$what was not installed, because npm is missing: $without"; return 0; fi
  step "install $what (from npm, pinned)" sh "$script" || warn "$what could not be installed: $without"
}

# The real Aspire packages where the feed has them, else the stand-ins. Asked once per set of versions.
choose_aspire() {
  local versions stamp=$state/aspire-asked
  versions=$(cksum <Directory.Packages.props)
  if [ -f $stamp ] && [ "$(cat $stamp)" = "$versions" ]; then return 0; fi
  # Their absence is an answer, not a failure.
  if dotnet restore eng/aspire-probe/AspireProbe.csproj -p:UseAspireStandIns=false >$state/aspire-probe.log 2>&1; then
    say "  ${green}✓${plain} the package feed carries Aspire: the solution runs on it"
  else
    say "  ${green}✓${plain} the package feed does not carry Aspire: the solution runs on StandIns/ ${dim}(see StandIns/README.md)${plain}"
  fi
  printf '%s' "$versions" >$stamp
}
