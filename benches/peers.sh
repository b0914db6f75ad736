#!/usr/bin/env bash
# relgate beside what one would pick instead, on the same files, in one run: DuckDB on the same aggregate, sha256sum and
# openssl on the same bytes; then locking and verifying beside sha256sum, DVC and model_signing on the same folder (4 x 512 MiB
# and 20,000 small files, another 2.1 GB and DVC's cache). relgate writes its report and bundle, as users run it, except where a
# line says dry run; the digest of results that nobody wrote to is known where a line says again. Run `cargo bench` first (it
# makes the inputs). Needs GNU time, Python 3 with venv, openssl.
# Prints the wall time, CPU time and peak memory of each run; five runs in turn after one warm-up.
set -euo pipefail
cd "$(dirname "$0")/.."
data=target/bench-data
venv=target/bench-venv
[ -x "$venv/bin/python" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install duckdb; }
cargo build --release -q
relgate=$PWD/target/release/relgate

cat > target/duck.py <<'PY'
import duckdb, sys
columns = {"id": "VARCHAR", "hallucination": "BOOLEAN", "accuracy": "BOOLEAN", "latency_ms": "DOUBLE", "cost_usd": "DOUBLE",
           "lang": "VARCHAR"}
spec = "{" + ", ".join(f"{k}: '{v}'" for k, v in columns.items()) + "}"
for threads in sys.argv[2:]:
    duckdb.sql(f"SET threads={threads}")
print(duckdb.sql(f"""select count(*), count(distinct id), sum(hallucination::int), sum(accuracy::int),
    sum((latency_ms >= 1200)::int), quantile_disc(latency_ms, 0.95), avg(cost_usd), var_samp(cost_usd)
    from read_json('{sys.argv[1]}', format='newline_delimited', columns={spec})""").fetchall())
PY

cat > target/duck-pairs.py <<'PY'
import duckdb, sys
columns = {"id": "VARCHAR", "hallucination": "BOOLEAN", "accuracy": "BOOLEAN", "latency_ms": "DOUBLE"}
spec = "{" + ", ".join(f"{k}: '{v}'" for k, v in columns.items()) + "}"
side = lambda path: f"read_json('{path}', format='newline_delimited', columns={spec})"
print(duckdb.sql(f"""select count(*), sum(c.hallucination::int - b.hallucination::int),
    sum((c.hallucination <> b.hallucination)::int), sum(b.accuracy::int - c.accuracy::int),
    sum((b.accuracy <> c.accuracy)::int), quantile_disc(c.latency_ms, 0.95) / quantile_disc(b.latency_ms, 0.95)
    from {side(sys.argv[1])} c join {side(sys.argv[2])} b using (id)""").fetchall())
PY

run() { # name, command...
    local name=$1
    shift
    /usr/bin/time -f "$name  wall %e s  user %U s  sys %S s  peak %M KB" "$@" >/dev/null || true
}

for i in warm-up 1 2 3 4 5; do
    echo "-- $i"
    (cd $data/samples && run "relgate, 1,000,000 samples" "$relgate" check --out out --quiet --root . --no-cache)
    (cd $data/samples && run "relgate, the same, again" "$relgate" check --out out --quiet --root .)
    (cd $data/samples && run "relgate, the same, dry run" "$relgate" check --dry-run --quiet --root .)
    run "DuckDB,  1,000,000 samples" "$venv/bin/python" target/duck.py $data/samples/answers.jsonl
    run "DuckDB,  the same, one thread" "$venv/bin/python" target/duck.py $data/samples/answers.jsonl 1
    run "openssl, the same file" openssl dgst -sha256 $data/samples/answers.jsonl
    (cd $data/pairs && run "relgate, 1,000,000 pairs" "$relgate" check --out out --quiet --root . --no-cache)
    (cd $data/pairs && run "relgate, the same, again" "$relgate" check --out out --quiet --root .)
    run "DuckDB,  1,000,000 pairs" "$venv/bin/python" target/duck-pairs.py $data/pairs/answers.jsonl $data/pairs/before/answers.jsonl
    (cd $data/large && run "relgate, 2 GiB" "$relgate" check --dry-run --quiet --root . --no-cache)
    run "openssl, 2 GiB" openssl dgst -sha256 $data/large/model.bin
    run "sha256sum, 2 GiB" sha256sum $data/large/model.bin
    (cd $data/many && run "relgate, 20,000 files" "$relgate" check --dry-run --quiet --root . --no-cache)
    run "sha256sum, 20,000 files" sh -c "find $data/many/data -type f -printf '%P\0' | (cd $data/many/data && LC_ALL=C sort -z | xargs -0 sha256sum) | sha256sum"
    run "relgate, start-up" "$relgate" --version
    run "relgate, root example" "$relgate" check --out target/bench-data/out
done

# -- Pinned: the first look at everything, and a second one after which nothing has changed.
pinned=$data/pinned
tools=target/bench-venv-pinning
[ -x "$tools/bin/dvc" ] || { python3 -m venv "$tools" && "$tools/bin/pip" -q install dvc model-signing pyopenssl; }
tools=$PWD/$tools/bin
if [ ! -f "$pinned/release.yaml" ]; then
    mkdir -p "$pinned/files"
    split -b 512M -d $data/large/model.bin "$pinned/files/model-"
    cp -r $data/many/data "$pinned/files/data"
    openssl ecparam -name prime256v1 -genkey -noout -out "$pinned/key.pem"
    openssl ec -in "$pinned/key.pem" -pubout -out "$pinned/key.pub" 2>/dev/null
    (cd "$pinned" && git init -q . && "$tools/dvc" init -q && "$tools/dvc" config core.analytics false && "$tools/dvc" add -q files)
    # Two manifests: one beside the file of DVC would be held against it, which `dvc status` does not have to do.
    mv "$pinned/files.dvc" "$pinned/kept.dvc"
    cat > "$pinned/release.yaml" <<'YAML'
relgate: 1
name: pinned
version: 1.0.0
type: hotfix
summary: a benchmark
artifacts: { models: { files: { version: v1, path: files } } }
evidence: { answers: { path: answers.jsonl } }
gates: ['Toxicity < 1%']
YAML
    sleep 3
fi
cd "$pinned"
export XDG_CACHE_HOME=$PWD/cache
for i in warm-up 1 2 3; do
    echo "-- pinned, $i"
    rm -rf cache
    run "relgate lock, first" "$relgate" lock --root . --quiet
    run "relgate verify, --no-cache" "$relgate" verify --root . --quiet --no-cache
    run "relgate verify, again" "$relgate" verify --root . --quiet
    run "sha256sum of all" sh -c "cd files && find . -type f -printf '%P\0' | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum"
    run "openssl of the 2 GiB" sh -c "openssl dgst -sha256 files/model-0*"
    run "model_signing sign" "$tools/model_signing" sign key files --private_key key.pem --signature model.sig
    run "model_signing verify" "$tools/model_signing" verify key files --public_key key.pub --signature model.sig
    mv kept.dvc files.dvc
    run "dvc status" "$tools/dvc" status -q
    mv files.dvc kept.dvc
done
