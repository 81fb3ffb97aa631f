#!/usr/bin/env bash
# Runs the SQL conformance suites where they lie beside the project, and compares what passes with the committed floors, which only rise.
# conformance.sh [BINARY]
set -eu
cd "$(dirname "$0")/.."

suites=../shared/conformance
if [ ! -f "$suites/conformance.py" ]; then
    echo "conformance: the suites are not here; nothing was run"
    exit 0
fi
binary=${1:-.build/release/dbxsim}
out=$(mktemp -d)
"$binary" serve --port 0 --seed 1 --log-level error >"$out/ready" &
server=$!
trap 'kill $server 2>/dev/null || true; rm -rf "$out"' EXIT
for _ in $(seq 100); do
    [ "$(wc -l <"$out/ready")" -ge 4 ] && break
    sleep 0.05
done
host=$(sed -n 's/^export DATABRICKS_HOST=//p' "$out/ready")
warehouse=$(sed -n 's/^export DATABRICKS_WAREHOUSE_ID=//p' "$out/ready")
failed=0
while read -r suite floor; do
    python3 "$suites/conformance.py" --host "$host" --token dapi-dbxsim --warehouse "$warehouse" --suite "$suite" --timeout 10 --quiet >"$out/$suite" 2>&1 ||
        true
    line=$(grep "^$suite " "$out/$suite" | tail -1 || true)
    passed=$(echo "$line" | sed -n 's/^[^ ]* \([0-9]*\)\/.*/\1/p')
    echo "conformance: $line (floor $floor)"
    if [ "${passed:-0}" -lt "$floor" ]; then
        echo "conformance: $suite passes fewer than its floor of $floor statements" >&2
        failed=1
    fi
done <scripts/conformance-floors.txt
exit $failed
