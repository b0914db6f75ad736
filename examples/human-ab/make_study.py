"""Makes results/*.csv: a study of a summariser in which three people rate its summaries and prefer one of two versions.

The people are simulated: every item has a quality, every rater sees it with an error of their own, and half of the time they
say what they think is the common answer. No person rated anything. Seeded: the same files every time.
"""

import csv
import random
from pathlib import Path

RATERS = ["anna", "ben", "cleo"]
HERE = Path(__file__).parent / "results"


def main() -> None:
    rng = random.Random(20261129)
    with open(HERE / "ratings.csv", "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["summary", *RATERS])
        for item in range(240):
            quality = rng.choices([2, 3, 4, 5], weights=[3, 6, 25, 66])[0]
            cells = []
            for rater in RATERS:
                # One rating in eight was never given.
                if rng.random() < 0.125:
                    cells.append("")
                    continue
                error = rng.choices([-1, 0, 1], weights=[8, 84, 8])[0]
                cells.append(max(1, min(5, quality + error)))
            rows.writerow([f"s{item:03}", *cells])
    with open(HERE / "preferences.csv", "w", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(["summary", "who", "winner"])
        for item in range(240):
            better = rng.gauss(0.35, 0.6)
            for rater in RATERS[:2]:
                seen = better + rng.gauss(0, 0.4)
                winner = "tie" if abs(seen) < 0.15 else ("2.0.0" if seen > 0 else "1.4.0")
                rows.writerow([f"s{item:03}", rater, winner])


if __name__ == "__main__":
    main()
