# What `./dev test --all` found, kept in the tree: docs/test-matrix.md.

# write_matrix PASSED FAILED SKIPPED SECONDS FILE…: the totals, and the table of deaths that the runs survived.
write_matrix() {
  local passed=$1 failed=$2 skipped=$3 seconds=$4
  shift 4
  {
    cat <<TEXT
# The last run of \`./dev test --all\`

$(date -u +%Y-%m-%d), commit $(git rev-parse --short HEAD 2>/dev/null || echo unknown), $(nproc) processors, $(uname -s) $(uname -m), .NET $(dotnet --version): **$passed passed, $failed failed**$([ "$skipped" -eq 0 ] || printf ', %s skipped' "$skipped") in $((seconds / 60)) min $((seconds % 60)) s.

## Deaths that a run survives

A real pull request's run is held at a place on its road (\`AgentPlatform.ServiceDefaults/Failpoints\`); there the part named above is ended by SIGKILL and
started again (or Redis is emptied, or comes back as it was before the run), and the run goes on. ✓ with the seconds from the webhook to the last check: the run
ended once, what it had started was not started again, one check run and one comment stand on the pull request, and the machine holds nothing of the
instance. ✗: not so. ·: that part dies at its own places only.

TEXT
    cat "$@" | tr '>' '\n' | sed -n 's/.*<UnitTestResult .*testName="[^"]*ARunSurvivesEveryDeathAtEveryStage(victim: &quot;\([^&]*\)&quot;, stage: &quot;\([^&]*\)&quot;)".*/\1|\2|&/p' | awk -F'|' '
      function attribute(name, text) { return match(text, " " name "=\"[^\"]*\"") ? substr(text, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : "" }
      {
        split(attribute("duration", $3), t, ":")
        cell[$1, $2] = (attribute("outcome", $3) == "Passed" ? "✓ " : "✗ ") sprintf("%.0f", t[1] * 3600 + t[2] * 60 + t[3])
        if (!($1 in seenVictim)) { seenVictim[$1]; victims[++v] = $1 }
        if (!($2 in seenStage)) { seenStage[$2]; stages[++s] = $2 }
      }
      END {
        n = split("webhooks|scheduler|wsl2host|sessions|redis|postgres|redis emptied|redis older", order, "|")
        m = split(ENVIRON["STAGES"], wanted, "\n")
        printf "| held at |"; for (i = 1; i <= n; i++) printf " %s |", order[i]; print ""
        printf "|---|"; for (i = 1; i <= n; i++) printf "---|"; print ""
        for (j = 1; j <= m; j++) if (wanted[j] in seenStage) {
          printf "| `%s` |", wanted[j]
          for (i = 1; i <= n; i++) printf " %s |", ((order[i], wanted[j]) in cell) ? cell[order[i], wanted[j]] : "·"
          print ""
        }
      }'
    printf '\nThe same tests, some of them, run with every `./dev test`.\n'
  } >docs/test-matrix.md
  note "docs/test-matrix.md has the result"
}

# The failpoints in the order of the road.
failpoints() { sed -n 's/.*const string .* = "\([^"]*\)";/\1/p' AgentPlatform.ServiceDefaults/Failpoints/FailpointNames.cs; }
