"""Writes results of a made-up evaluation: FOLDER SHARDS ROWS. The same rows, whatever the number of files."""

import json
import os
import random
import sys

folder, shards, rows = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
noise = random.Random(7)
words = "the invoice was sent to another address before anybody had asked for it".split()
os.makedirs(folder, exist_ok=True)
files = [open(f"{folder}/{shard:04}.jsonl", "w") for shard in range(shards)]
for number in range(rows):
    expected = " ".join(noise.choice(words) for _ in range(8))
    answer = expected if noise.random() < 0.8 else expected.replace("the", "a", 1)
    row = {
        "id": f"q{number}",
        "user": f"user-{noise.randrange(rows // 4)}",
        "lang": noise.choice(["de", "en", "fr"]),
        "accuracy": noise.random() < 0.93,
        "toxic": noise.random() < 0.001,
        "latency_ms": round(noise.lognormvariate(6, 0.4), 2),
        "cost_usd": round(noise.random() / 100, 6),
        "answer": answer,
        "expected": expected,
    }
    if noise.random() < 0.005:
        row = {"id": row["id"], "user": row["user"], "lang": row["lang"], "error": f"timeout after {noise.randrange(3)} s"}
    files[number * shards // rows].write(json.dumps(row) + "\n")
