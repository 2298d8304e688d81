# `./dev run`: the AppHost, as `dotnet run --project AgentPlatform.AppHost` starts it.

run() {
  say "${bold}AgentPlatform${plain}"
  # Whoever wants to see it run need not wait for the style checks; ./dev test and CI make them.
  build apphost AgentPlatform.AppHost -p:RunAnalyzers=false
  exec dotnet run --no-build --project AgentPlatform.AppHost -- "$@"
}

clean() {
  local data=no argument
  for argument in "$@"; do
    case $argument in
      --data) data=yes ;;
      *) fail "clean knows --data, not '$argument'" 2 ;;
    esac
  done
  find . \( -name .git -o -name node_modules \) -prune -o -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
  rm -rf $state
  say "build output removed"
  if [ $data = yes ]; then
    local share=${XDG_DATA_HOME:-$HOME/.local/share}
    # Started by root, the servers keep their data where their own users can reach it.
    rm -rf "$share"/aspire-volumes/agentplatform-* /var/lib/aspire-volumes/agentplatform-* "$share/AgentPlatform/host" /var/lib/agentplatform/host "$HOME/.microsoft/usersecrets/agentplatform-apphost"
    say "local databases and generated secrets removed"
  fi
}
