#!/usr/bin/env bash
# Metrics of texts beside sacreBLEU and rouge-score: the same 5,000 pairs in one run, and how many times faster.
# Needs Python 3 with venv; each figure of relgate is the best of nine runs, each of Python's of three.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p target/bench-data
venv=target/bench-venv-text
[ -x "$venv/bin/python" ] || { python3 -m venv "$venv" && "$venv/bin/pip" -q install sacrebleu==2.6.0 rouge-score==0.1.2; }
cargo bench -q --bench text | tee target/bench-data/text-relgate.txt
"$venv/bin/python" - <<'PY'
import json, time
from rouge_score import rouge_scorer
from sacrebleu.metrics import BLEU, CHRF

rows = [json.loads(line) for line in open("target/bench-data/text.jsonl")]
answers, references = [row["answer"] for row in rows], [row["reference"] for row in rows]
ours = {line.split()[0]: [float(x) for x in line.split()[1:]] for line in open("target/bench-data/text-relgate.txt")}
KINDS = ["rouge1", "rouge2", "rougeL", "rougeLsum"]

def rouge():
    scorer = rouge_scorer.RougeScorer(KINDS, use_stemmer=True)
    return 100 * sum(scorer.score(y, x)["rougeL"].fmeasure for x, y in zip(answers, references)) / len(rows)

def best(run):
    times = []
    for _ in range(3):
        start = time.perf_counter()
        value = run()
        times.append(time.perf_counter() - start)
    return min(times), value

tasks = {
    "bleu": lambda: BLEU().corpus_score(answers, [references]).score,
    "chrf": lambda: CHRF().corpus_score(answers, [references]).score,
    "rouge": rouge,
    "bleu-1000": lambda: BLEU().corpus_score(answers, [references], n_bootstrap=1000).score,
}
print("| on 5,000 pairs | Python | relgate | times |\n|---|---|---|---|")
for name, run in tasks.items():
    taken, value = best(run)
    own, same = ours[name]
    assert abs(value - same) < 1e-4, (name, value, same)
    print(f"| {name} | {1000 * taken:.0f} ms | {1000 * own:.1f} ms | {taken / own:.0f} |")
print(f"| bleu-10000 | | {1000 * ours['bleu-10000'][0]:.0f} ms | |")
PY
