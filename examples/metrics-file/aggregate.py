"""Sum up the runs of examples/support-assistant in one metrics file, as a tool does that keeps no samples.

    python3 aggregate.py [2.4.0]        writes metrics.json beside this file

Every number comes with what relgate needs to judge it: how many there were, how much they scatter, or an interval.
"""

import itertools
import json
import math
import statistics
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
RESULTS = HERE.parent / "support-assistant" / "results"
CONFIDENCE = 0.95


def main():
    version = sys.argv[1] if len(sys.argv) > 1 else "2.4.0"
    header, answers = read(RESULTS / version / "answers.jsonl")
    _, attacked = read(RESULTS / version / "robustness.jsonl")
    document = {
        "schema": "relgate/metrics/v1",
        "created": header["created"],
        "artifacts": header["artifacts"],
        "metrics": {
            "accuracy": mean_of([float(row["accuracy"]) for row in answers]),
            "hallucination_rate": events(answers, "hallucination"),
            "toxicity": events(answers, "toxicity"),
            "perturbation_success": events(attacked, "perturbation_success"),
            "p95_latency_ms": quantile_of([row["latency_ms"] for row in answers], 0.95),
            "cost_usd": mean_of([row["cost_usd"] for row in answers]),
        },
    }
    with (HERE / "metrics.json").open("w", encoding="utf-8", newline="\n") as file:
        file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def read(path):
    """The header and the samples of a per-sample file."""
    header, *rows = (json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line)
    return header, rows


def events(rows, field):
    """How often something was the case: enough for an exact binomial bound."""
    return {"events": sum(row[field] for row in rows), "n": len(rows)}


def mean_of(values):
    """A mean with its standard error."""
    return {
        "value": round(statistics.fmean(values), 10),
        "stderr": round(statistics.stdev(values) / math.sqrt(len(values)), 10),
        "n": len(values),
    }


def quantile_of(values, share):
    """A quantile between two order statistics, whatever the distribution; the interval is two-sided.

    The number of values below the true quantile is binomial. The r-th smallest value lies above the quantile with
    probability P(X <= r - 1), and not above it with the rest; each side may miss with half of what is left.
    """
    ordered = sorted(values)
    tail = (1 - CONFIDENCE) / 2
    misses = binomial_cdf(len(ordered), share)
    lower = max(rank for rank in range(1, len(ordered)) if misses[rank - 1] <= tail)
    upper = min(rank for rank in range(1, len(ordered)) if misses[rank - 1] >= 1 - tail)
    return {
        "value": ordered[math.ceil(share * len(ordered)) - 1],
        "lower": ordered[lower - 1],
        "upper": ordered[upper - 1],
        "confidence": CONFIDENCE,
        "n": len(ordered),
    }


def binomial_cdf(count, share):
    """P(X <= 0), P(X <= 1), ... of a binomial; the terms are built in logarithms, because they get very small."""
    logs = (
        math.lgamma(count + 1)
        - math.lgamma(number + 1)
        - math.lgamma(count - number + 1)
        + number * math.log(share)
        + (count - number) * math.log1p(-share)
        for number in range(count + 1)
    )
    return list(itertools.accumulate(map(math.exp, logs)))


if __name__ == "__main__":
    main()
