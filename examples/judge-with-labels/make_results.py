"""Makes results/answers.jsonl: 4,000 answers that a judge looked at, 500 of them drawn at random and labelled by a person.

Answers, judge and person are simulated: 3 % of the answers are made up, the judge finds nine in ten of those and suspects one
in thirty of the others, and the person is always right. No model and no person looked at anything. Seeded: the same file every
time.
"""

import json
import random
from pathlib import Path

HERE = Path(__file__).parent / "results"


def main() -> None:
    rng = random.Random(20261130)
    cases = []
    for number in range(4000):
        made_up = rng.random() < 0.03
        verdict = rng.random() < (0.9 if made_up else 0.034)
        cases.append({"id": f"q{number:04}", "lang": rng.choice(["de", "en", "es"]), "judge_says": verdict, "_true": made_up})
    for case in rng.sample(cases, 500):
        case["human_says"] = case["_true"]
    with open(HERE / "answers.jsonl", "w") as file:
        for case in cases:
            del case["_true"]
            file.write(json.dumps(case) + "\n")


if __name__ == "__main__":
    main()
