#!/bin/sh
# Makes the results of both versions anew. Needs Python 3.11 or newer (PYTHON names another than python3). TOOLS may name a folder that keeps the installed packages.
set -eu
cd "$(dirname "$0")"
here=$PWD
tools=${TOOLS:-$(mktemp -d)}
[ -d "$tools/lme" ] || {
    "${PYTHON:-python3}" -m venv "$tools/lme"
    "$tools/lme/bin/pip" install -q lm-eval==0.4.8 transformers==4.51.3 datasets==3.6.0 peft==0.15.2 accelerate==1.6.0
}

work=$(mktemp -d)
cp -r run.py tasks "$work"
cd "$work"
export HOME="$work" HF_HOME="$work/hf" HF_HUB_OFFLINE=1 HF_DATASETS_OFFLINE=1 TOKENIZERS_PARALLELISM=false
"${PYTHON:-python3}" tasks/make_data.py
rm -rf "$here/results"
for version in "1.0.0 70" "1.1.0 55"; do
    "$tools/lme/bin/python" -W ignore run.py --model adder --model_args "slips=${version#* },pretrained=shop/adder-${version% *}" \
        --include_path tasks --tasks sums --log_samples --output_path out 2> errors.txt || { tail errors.txt; exit 1; }
    mkdir -p "$here/results/${version% *}"
    for file in "out/shop__adder-${version% *}"/*; do
        # Of the description of the machine its first line is kept.
        sed -e "s|$work|/home/ci/evals|g" -e "s|$tools|/home/ci|g" \
            -e 's|"pretty_env_info": "\([^\]*\)[^"]*"|"pretty_env_info": "\1"|' "$file" \
            > "$here/results/${version% *}/$(basename "$file")"
    done
done
cp sums.jsonl "$here/tasks"
rm -rf "$work"
[ -n "${TOOLS:-}" ] || rm -rf "$tools"
