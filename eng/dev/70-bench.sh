# `./dev bench [NAME…]`: the benchmarks in Release, one after the other, each table printed and written to AgentPlatform.Benchmarks/results/.

run_benchmarks() {
  local project=AgentPlatform.Benchmarks program names=("$@") name code=0 begun
  step "build $project (Release)" dotnet build $project -c Release --nologo -v quiet -p:UseSharedCompilation=true -clp:NoSummary
  program=$project/bin/Release/net10.0/$project.dll
  [ ${#names[@]} -gt 0 ] || mapfile -t names < <(dotnet "$program" list)
  for name in "${names[@]}"; do
    dotnet "$program" list | grep -qx "$name" || fail "no benchmark '$name'; there are: $(dotnet "$program" list | paste -sd ' ')" 2
  done
  mkdir -p $project/results
  for name in "${names[@]}"; do
    begun=$SECONDS
    say "${bold}$name${plain}"
    # Progress goes to standard error, the table to standard output; an exit code of 1 says that a floor is not held.
    if ! dotnet "$program" "$name" --out "$project/results/$name.md" 2> >(sed "s/^/  $dim/;s/\$/$plain/" >&2) | judged; then
      warn "$name: failed, or below a floor"
      code=1
    fi
    note "$project/results/$name.md, $((SECONDS - begun))s"
  done
  return $code
}

# Colours the judgements of a table.
judged() {
  sed "s/goal reached/${green}&${plain}/;s/floor held/${green}&${plain}/;s/\*\*below the floor\*\*/${red}&${plain}/"
}
