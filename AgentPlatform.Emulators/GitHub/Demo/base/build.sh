#!/bin/sh
# Checks the source's syntax and makes the program build/stats of it.
set -eu

for file in src/*.sh; do
    sh -n "$file"
    echo "checked $file"
done

mkdir -p build
cp src/stats.sh build/stats
chmod +x build/stats
echo "built build/stats"
