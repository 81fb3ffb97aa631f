#!/usr/bin/env bash
# Pages printed from the code must be what is committed, and the repository must hold nothing that does not belong there.
set -eu
cd "$(dirname "$0")/.."

out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT
.build/release/dbxsim docs --output "$out"
for page in "$out"/*.md; do
    if ! diff -q "$page" "docs/$(basename "$page")" >/dev/null; then
        echo "docs/$(basename "$page") is not what the code prints: run 'make docs'" >&2
        diff "$page" "docs/$(basename "$page")" | head -10 >&2 || true
        exit 1
    fi
done
.build/release/dbxsim scenario check scenarios/*.yaml >/dev/null
scripts/conformance.sh
echo "checks: printed pages and scenarios are in order"
