#!/bin/sh
# Makes cases.jsonl and the reports in results/ anew. Needs Python 3.11 or newer (PYTHON names another than python3). TOOLS may name a folder that keeps the installed
# packages.
set -eu
cd "$(dirname "$0")"
here=$PWD
tools=${TOOLS:-$(mktemp -d)}
[ -d "$tools/pt" ] || { "${PYTHON:-python3}" -m venv "$tools/pt"; "$tools/pt/bin/pip" install -q pytest==8.4.2; }

"${PYTHON:-python3}" make_cases.py
work=$(mktemp -d)
cp router.py test_router.py cases.jsonl "$work"
cd "$work"
for version in 2.0.0 2.0.1; do
    # Ends with 1 where a test failed.
    RULES="$here/rules/$version.json" "$tools/pt/bin/python" -m pytest -q --tb=line -p no:cacheprovider \
        -o junit_suite_name="router-$version" --junit-xml report.xml > printed.txt || [ $? -eq 1 ]
    tail -n 1 printed.txt
    sed -e "s|$work|/home/ci/router|g" -e "s|$(hostname)|ci|g" report.xml > "$here/results/$version.xml"
done
rm -rf "$work"
[ -n "${TOOLS:-}" ] || rm -rf "$tools"
