#!/usr/bin/env bash
# Installs what the build and the tests need and a bare Debian or Ubuntu lacks: headers of the system's libraries, and Python for the client tests.
set -eu

if [ "$(uname)" = Darwin ]; then
    # macOS ships sqlite3, curl and zlib with its SDK.
    if command -v brew >/dev/null; then
        for formula in snappy zstd lz4; do brew list "$formula" >/dev/null 2>&1 || brew install "$formula"; done
    fi
    exit 0
fi

packages="libsqlite3-dev libcurl4-openssl-dev zlib1g-dev libsnappy-dev libzstd-dev liblz4-dev python3 python3-venv"
missing=""
for package in $packages; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
# A Python that was not installed by apt will do as well.
if python3 -c 'import ensurepip, venv' 2>/dev/null; then
    missing=$(echo "$missing" | sed 's/python3-venv//; s/python3//')
fi
[ -z "${missing// /}" ] && exit 0

sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
echo "installing:$missing" >&2
$sudo apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $missing >/dev/null

if ! command -v swift >/dev/null; then
    echo "Swift 6.2 or newer is needed: https://www.swift.org/install/" >&2
    exit 1
fi
