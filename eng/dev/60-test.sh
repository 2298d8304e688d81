# `./dev test`: the tests, with a closing line that any tool can read.

run_tests() {
  local filter='Category!=Long' all=no started=$SECONDS rest=() argument results=$state/test-results total=0 passed=0 failed=0 skipped=0 code=0 file
  for argument in "$@"; do
    if [ "$argument" = --all ]; then filter= all=yes; else rest+=("$argument"); fi
  done
  build solution AgentPlatform.sln
  rm -rf $results
  dotnet test AgentPlatform.Tests --no-build --nologo --logger "console;verbosity=normal" --logger "trx;LogFileName=tests.trx" --results-directory $results \
    ${filter:+--filter "$filter"} ${rest[@]+"${rest[@]}"} || code=$?
  if [ $code -ne 0 ]; then again "$results" && code=0; fi
  for file in $results/*.trx; do
    [ -e "$file" ] || continue
    passed=$((passed + $(counter passed "$file")))
    failed=$((failed + $(counter failed "$file") + $(counter error "$file") + $(counter timeout "$file")))
    total=$((total + $(counter total "$file")))
  done
  if [ $code -eq 0 ] && [ $failed -gt 0 ]; then passed=$((passed + failed)) failed=0; fi
  skipped=$((total - passed - failed))
  [ $total -gt 0 ] || fail "no test ran"
  if [ $all = yes ]; then STAGES=$(failpoints) write_matrix $passed $failed $skipped $((SECONDS - started)) $(find $results -name "*.trx" | sort -r); fi
  say "$passed passed, $failed failed$([ $skipped -eq 0 ] || printf ', %s skipped' $skipped)"
  return $code
}

# again RESULTS: a few failures may come from a machine that was busy with the other tests. They get one more run, alone, and are named:
# what fails twice has failed.
again() {
  local names filter
  names=$(sed -n 's/.*<UnitTestResult .*testName="\([^"(]*\).*outcome="Failed".*/\1/p' "$1"/*.trx | sort -u)
  [ -n "$names" ] && [ "$(printf '%s\n' "$names" | wc -l)" -le 8 ] || return 1
  warn "once more, alone:"
  printf '    %s\n' $names >&2
  filter=$(printf '%s\n' "$names" | sed 's/^/FullyQualifiedName~/' | paste -sd '|' -)
  dotnet test AgentPlatform.Tests --no-build --nologo --logger "console;verbosity=normal" --logger "trx;LogFileName=again.trx" \
    --results-directory "$1/again" --filter "$filter"
}

# counter NAME FILE: an attribute of the <Counters> element of a test result file.
counter() { sed -n "s/.*<Counters[^>]* $1=\"\([0-9]*\)\".*/\1/p" "$2" | head -n 1; }
