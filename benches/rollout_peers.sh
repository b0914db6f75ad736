#!/usr/bin/env bash
# `rollout next` on a log of 1,000,000 records, on the same log again, and as parts; `rollout plan` and a ledger of 100,000 events; beside DuckDB, which works out
# the rates and quantiles of both releases and no more. Needs GNU time and Python 3 with venv.
# Prints the wall time, CPU time and peak memory of each run; five runs in turn after one warm-up.
set -euo pipefail
cd "$(dirname "$0")/.."
data=$PWD/target/bench-data/rollout
venv=$PWD/target/bench-venv
[ -x "$venv/bin/python" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install duckdb; }
cargo build --release -q
relgate=$PWD/target/release/relgate
as_of=(--now 1793692800)

if [ ! -f "$data/.made" ]; then
    rm -rf "$data" && mkdir -p "$data"
    python3 benches/rollout_log.py "$data" 1000000
    (
        cd "$data"
        git init -q . && "$relgate" check before/release.yaml --quiet --no-changelog --out out/before
        "$relgate" check --quiet --no-changelog --out out/own
        "$relgate" rollout start --now 1793519000 --quiet
        mkdir shards && split -n l/7 -d --additional-suffix .jsonl log.jsonl shards/
        cp -r .relgate kept.relgate && cp -r deploy kept.deploy
        touch .made
    )
fi
cat > target/duck-rollout.py <<'PY'
import duckdb, sys
columns = {"release": "VARCHAR", "latency_ms": "DOUBLE", "cost_usd": "DOUBLE", "user_flagged": "BOOLEAN", "error": "VARCHAR"}
spec = "{" + ", ".join(f"{k}: '{v}'" for k, v in columns.items()) + "}"
print(duckdb.sql(f"""select release, count(*), avg(user_flagged::int), quantile_disc(latency_ms, 0.95), avg(cost_usd), avg((error is not null)::int)
    from read_json('{sys.argv[1]}', format='newline_delimited', columns={spec}) group by release""").fetchall())
PY

run() { # name, command...
    local name=$1
    shift
    /usr/bin/time -f "$name  wall %e s  user %U s  sys %S s  peak %M KB" "$@" >/dev/null || true
}

cd "$data"
export XDG_CACHE_HOME=$data/cache CI=
# One at a time, so that each finds the rollout where it began.
fresh() { rm -rf .relgate deploy && cp -r kept.relgate .relgate && cp -r kept.deploy deploy; }
for i in warm-up 1 2 3 4 5; do
    echo "-- $i"
    fresh && rm -rf cache
    run "relgate rollout next, 1,000,000 records" "$relgate" rollout next "${as_of[@]}" --quiet
    fresh
    run "relgate rollout next, the same log" "$relgate" rollout next "${as_of[@]}" --quiet
    fresh
    run "relgate rollout plan" "$relgate" rollout plan "${as_of[@]}"
    run "relgate monitor, no cache" "$relgate" monitor "${as_of[@]}" --quiet --no-cache
    run "DuckDB, rates and quantiles of both" "$venv/bin/python" "$OLDPWD/target/duck-rollout.py" log.jsonl
    rm -rf parts && mkdir parts
    for shard in shards/*; do
        number=$((10#$(basename "$shard" .jsonl) + 1))
        run "relgate summarize --log, part $number of 7" "$relgate" summarize -q --log --part "$number/7" "$shard" -o "parts/$number.jsonl.gz"
    done
    run "relgate monitor, 7 parts" "$relgate" monitor "${as_of[@]}" --quiet --no-cache --log 'parts/*'
done
