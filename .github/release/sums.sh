#!/usr/bin/env bash
# sums.sh FOLDER: writes FOLDER/SHA256SUMS over the files in it, by their bare names, as `sha256sum -c` reads it.
set -euo pipefail
cd "$1"
rm -f SHA256SUMS
sha256sum -- * > "${TMPDIR:-/tmp}/relgate-sums"
mv "${TMPDIR:-/tmp}/relgate-sums" SHA256SUMS
