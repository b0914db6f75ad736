"""A release in the first step of its rollout, and a log of it: `python3 benches/rollout_log.py FOLDER RECORDS`, from anywhere.

100,000 people, half of them with each release, send so many requests in two days; every record has the texts of question and answer."""
import json, os, random, sys

folder, records = sys.argv[1], int(sys.argv[2])
START = 1793520000
random.seed(13)
os.makedirs(f"{folder}/before", exist_ok=True)
answers = "".join(json.dumps({"id": f"q{i}", "accuracy": i % 20 != 0}) + "\n" for i in range(400))
head = """relgate: 1
name: assistant
version: %s
type: prompt-release
policy: { require: [quality] }
evidence: { answers: { path: answers.jsonl } }
gates: ['accuracy >= 85%%']
"""
for place, version, rest in [
    ("before", "2.3.0", "baseline: none\n"),
    (".", "2.4.0", """baseline: before/release.yaml
monitoring:
  log: [log.jsonl]
  signals: [user_flagged, 'p95 latency < 1500ms', 'cost increase < 60%', 'rate error < 5%']
deployment: { strategy: canary, steps: [50%, 100%], bake: 1d }
"""),
]:
    open(f"{folder}/{place}/release.yaml", "w").write(head % version + rest)
    open(f"{folder}/{place}/answers.jsonl", "w").write(answers)
words = "the order parcel refund arrives on monday with our thanks please tell us its number and we look for it at once".split()
texts = [" ".join(random.choices(words, k=random.randint(15, 45))) for _ in range(500)]
with open(f"{folder}/log.jsonl", "w") as log:
    for i in range(records):
        unit = random.randrange(100_000)
        record = {
            "time": START + 172_800 * i // records,
            "id": f"r{i:07}",
            "release": "2.4.0" if unit % 2 else "2.3.0",
            "unit": f"user-{unit}",
            "latency_ms": round(random.lognormvariate(6, 0.5), 1),
            "cost_usd": round(random.lognormvariate(-6, 0.4), 6),
            "user_flagged": random.random() < 0.01,
            "prompt": texts[unit % 500],
            "response": texts[i % 500],
        }
        if random.random() < 0.005:
            record["error"] = "timeout"
        log.write(json.dumps(record) + "\n")
