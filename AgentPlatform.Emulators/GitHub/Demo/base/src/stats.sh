#!/bin/sh
# Statistics of whole numbers. Usage: stats sum|largest VALUE...
set -eu

sum() {
    total=0
    for value in "$@"; do
        total=$((total + value))
    done
    echo "$total"
}

largest() {
    [ $# -gt 0 ] || { echo "largest: no values" >&2; return 1; }
    found=$1
    for value in "$@"; do
        if [ "$value" -gt "$found" ]; then
            found=$value
        fi
    done
    echo "$found"
}

command=$1
shift
"$command" "$@"
