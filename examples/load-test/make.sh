#!/bin/sh
# Makes results/stats.json anew. Needs Python 3.11 or newer (PYTHON names another than python3). TOOLS may name a folder that keeps the installed packages.
set -eu
cd "$(dirname "$0")"
here=$PWD
tools=${TOOLS:-$(mktemp -d)}
[ -d "$tools/loc" ] || { "${PYTHON:-python3}" -m venv "$tools/loc"; "$tools/loc/bin/pip" install -q locust==2.41.6; }

work=$(mktemp -d)
cp server.py locustfile.py "$work"
cd "$work"
mkfifo stop
python3 server.py < stop 2> server.txt &
exec 3> stop
sleep 1
# Ends with 1 where a request failed.
"$tools/loc/bin/locust" --headless --host http://127.0.0.1:18125 --only-summary -u 12 -r 12 -t 40s --json \
    > stats.json 2> printed.txt || [ $? -eq 1 ]
exec 3>&-
cat printed.txt
cp stats.json "$here/results/stats.json"
rm -rf "$work"
[ -n "${TOOLS:-}" ] || rm -rf "$tools"
