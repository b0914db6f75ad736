#!/usr/bin/env bash
# A log that is larger than a machine wants to hold: 43 files of 1,000,000 records (20.6 GB) that exist one at a time, each made a part of, and the
# parts watched. `bash benches/log_parts.sh [FILES] [RECORDS]`; needs GNU time, 1.5 GB of memory and 2 GB of disk.
set -euo pipefail
cd "$(dirname "$0")/.."
files=${1:-43} records=${2:-1000000}
data=$PWD/target/bench-data/log-parts
cargo build --release -q
relgate=$PWD/target/release/relgate
rm -rf "$data" && mkdir -p "$data/parts"
python3 benches/rollout_log.py "$data" "$records"
cd "$data"
run() { # name, command...
    local name=$1
    shift
    /usr/bin/time -f "$name  wall %e s  user %U s  sys %S s  peak %M KB" "$@"
}
bytes=0
for number in $(seq "$files"); do
    # Other records of the same days.
    sed "s/\"id\": \"r/\"id\": \"r$number-/" log.jsonl > shard.jsonl
    bytes=$((bytes + $(stat -c %s shard.jsonl)))
    # Files that began in the same second follow each other by name.
    mv shard.jsonl "$(printf 'shard-%04d.jsonl' "$number")"
    run "part $number" "$relgate" summarize -q --log --part "$number/$files" "$(printf 'shard-%04d.jsonl' "$number")" -o "$(printf 'parts/%04d.jsonl.gz' "$number")"
    rm shard-*.jsonl
done
echo "$bytes bytes of records, $(du -sb parts | cut -f1) of parts"
code=0
run "all of them" "$relgate" monitor --now 1793692800 --weight 50% --stable 2.3.0 --no-cache --quiet --log 'parts/*' || code=$?
[ "$code" -ne 2 ]
