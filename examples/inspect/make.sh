#!/bin/sh
# Makes results/staff.eval anew. Needs Python 3.11 or newer (PYTHON names another than python3). TOOLS may name a folder that keeps the installed packages.
set -eu
cd "$(dirname "$0")"
here=$PWD
tools=${TOOLS:-$(mktemp -d)}
[ -d "$tools/inspect" ] || { "${PYTHON:-python3}" -m venv "$tools/inspect"; "$tools/inspect/bin/pip" install -q inspect-ai==0.3.150; }

work=$(mktemp -d)
cp -r task.py prompts "$work"
cd "$work"
HOME="$work" "$tools/inspect/bin/python" task.py
cp staff.eval "$here/results"
rm -rf "$work"
[ -n "${TOOLS:-}" ] || rm -rf "$tools"
