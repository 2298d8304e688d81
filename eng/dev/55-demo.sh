# `./dev demo`: a pull request with a planted bug, from its webhook to its check run, by real parts and no account.
# The exit codes are agentctl's (AgentPlatform.Cli/ExitCodes.cs).

demo_log=$state/demo.log
demo_ports="5080 5081 5082 5083 5084 5090"
demo_unreachable=4 demo_not_ready=7
demo_start_seconds=180
system_pid=

demo() {
  local stop=no rest=() argument code=0
  [ -t 1 ] || stop=yes
  for argument in "$@"; do
    case $argument in
      --stop) stop=yes ;;
      *) rest+=("$argument") ;;
    esac
  done
  say "${bold}demo${plain}"
  build apphost AgentPlatform.AppHost -p:RunAnalyzers=false
  build agentctl AgentPlatform.Cli -p:RunAnalyzers=false
  trap 'end_system; exit 130' INT TERM
  trap end_system EXIT
  if ! answers; then start_system; fi
  AGENTPLATFORM_DASHBOARD=$(dashboard_address) agentctl demo ${rest[@]+"${rest[@]}"} || code=$?
  if [ -n "$system_pid" ] && [ $code -ne 0 ]; then note "what the system said is in $demo_log"; fi
  if [ -n "$system_pid" ] && [ $code -eq 0 ] && [ $stop = no ]; then
    say
    say "  The system stays up, so that you can look around; once more: ./dev demo in another terminal. Ctrl-C ends everything."
    trap 'end_system; exit 0' INT TERM
    wait "$system_pid" || fail "the system has ended; what it said is in $demo_log" $demo_unreachable
  fi
  exit $code
}

agentctl() { dotnet AgentPlatform.Cli/bin/Debug/net10.0/agentctl.dll "$@"; }

# Whether the platform is there, be it well or about to be.
answers() {
  local code=0
  agentctl status >/dev/null 2>&1 || code=$?
  [ $code -eq 0 ] || [ $code -eq $demo_not_ready ]
}

start_system() {
  local port
  [ "$(uname -s)" = Linux ] || fail "the demo needs Linux: instances are made of its namespaces" $demo_not_ready
  [ "$(id -u)" -eq 0 ] || fail "the demo needs root: instances get users, limits and mounts of their own (sudo ./dev demo)" $demo_not_ready
  sh eng/install-agents.sh --check >/dev/null 2>&1 || fail "the agent program is not installed: eng/install-agents.sh fetches it with npm" $demo_not_ready
  for port in $demo_ports; do
    if taken "$port"; then fail "port $port is taken by something that is not a running AgentPlatform$(holder "$port")" $demo_unreachable; fi
  done
  # A process group of its own, so that Ctrl-C comes here first and the system ends in order.
  set -m
  dotnet run --no-build --project AgentPlatform.AppHost >$demo_log 2>&1 </dev/null &
  system_pid=$!
  set +m
  step "start the system" wait_until_up || fail "the system did not start; what it said is in $demo_log" $demo_unreachable
}

wait_until_up() {
  local until=$((SECONDS + demo_start_seconds))
  until grep -q 'AgentPlatform is up' $demo_log; do
    if ! kill -0 "$system_pid" 2>/dev/null || [ $SECONDS -ge $until ]; then
      tail -n 20 $demo_log
      return 1
    fi
    sleep 0.2
  done
}

end_system() {
  [ -n "$system_pid" ] || return 0
  local pid=$system_pid
  system_pid=
  kill -TERM -- "-$pid" 2>/dev/null || return 0
  note "ending the system"
  wait "$pid" 2>/dev/null || true
}

# The dashboard's address with its login, which only the one who started the system knows.
dashboard_address() {
  if [ -n "$system_pid" ]; then sed -n 's/.*Login to the dashboard at //p' $demo_log | head -n 1; fi
}

taken() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# holder PORT: who listens there, where the machine tells.
holder() {
  local name=
  if has ss; then name=$(ss -ltnpH "sport = :$1" 2>/dev/null | sed -n 's/.*users:(("\([^"]*\)",pid=\([0-9]*\).*/\1, process \2/p' | head -n 1); fi
  [ -z "$name" ] || printf ' (%s)' "$name"
}
