#!/bin/sh
# Makes cases.csv and results.json.gz anew. Needs node with npm, and python3. TOOLS may name a folder that keeps the
# installed packages.
set -eu
cd "$(dirname "$0")"
here=$PWD
tools=${TOOLS:-$(mktemp -d)}
[ -d "$tools/node_modules/promptfoo" ] || npm install --prefix "$tools" --no-audit --no-fund node@22.23.3 promptfoo@0.123.0

python3 make_cases.py
work=$(mktemp -d)
cp -r promptfooconfig.yaml assistant.py cases.csv prompts "$work"
cd "$work"
export HOME="$work/home" PROMPTFOO_CONFIG_DIR="$work/home" PROMPTFOO_DISABLE_TELEMETRY=1 PROMPTFOO_DISABLE_UPDATE=1
export PROMPTFOO_DISABLE_REMOTE_GENERATION=1 CI=1 PATH="$tools/node_modules/.bin:$PATH"
mkdir -p home
# Ends with 100 where a test failed; anything else is an error of the tool.
promptfoo eval --no-cache --no-table --no-progress-bar -j 4 -o results.json || [ $? -eq 100 ]
sed -e "s|$work|/home/ci/shop|g" -e "s|$tools|/home/ci|g" results.json | gzip -9n > "$here/results.json.gz"
rm -rf "$work"
[ -n "${TOOLS:-}" ] || rm -rf "$tools"
