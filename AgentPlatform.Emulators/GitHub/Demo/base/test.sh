#!/bin/sh
# Runs every file in tests/ and counts what failed.
set -u

failed=0
check() {
    name=$1 expected=$2
    shift 2
    actual=$(sh build/stats "$@" 2>&1)
    if [ "$actual" = "$expected" ]; then
        echo "ok    $name"
    else
        echo "FAIL  $name: expected '$expected', got '$actual'"
        failed=$((failed + 1))
    fi
}

for file in tests/*.sh; do
    . "./$file"
done

[ "$failed" -eq 0 ] || { echo "$failed failed"; exit 1; }
echo "all passed"
