#!/bin/sh
# Rebuilds everything that is generated in examples/: the suite, both runs, and the evidence of the other examples; then
# locks the release in the root again, because release.lock there pins what was rebuilt.
set -eu
cd "$(dirname "$0")"

python3 make_suite.py
python3 run.py 2.3.0
python3 run.py 2.4.0
python3 run.py sloppy --sample 2400 --answers-only --out ../failing/results
python3 run.py 2.4.0 --sample 150 --answers-only --out ../inconclusive/results
python3 run.py 2.4.0 --prompt ../cost-up/prompts/system.md --answers-only --gzip --out ../cost-up/results
python3 run.py 2.4.0 --prompt ../one-language/prompts/system.md --answers-only --gzip --out ../one-language/results
python3 run.py 2.4.0 --prompt ../silent-prompt/prompts/system.md --sample 600 --answers-only --out ../silent-prompt/results
python3 ../metrics-file/aggregate.py

cd ../..
if command -v cargo >/dev/null; then
    cargo run --release --quiet -- lock
else
    echo 'release.lock in the root is not renewed, cargo is missing: run "relgate lock" there' >&2
fi
