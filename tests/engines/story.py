"""A release in a folder of its own whose rollout moves the weights of one target."""

import math
import subprocess
import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

MANIFEST = """relgate: 1
name: assistant
version: 2.4.0
type: performance-patch
evidence: {{ numbers: {{ path: numbers.json }} }}
gates: ['toxicity < 1%']
policy: {{ require: [] }}
deployment:
  strategy: canary
  target: {target}
  steps: {steps}
  bake: 1m
  traffic: 1000000/day
  stable: stable.yaml
  {unit}
monitoring: {{ log: [interactions.jsonl], signals: [user_flagged] }}
"""


class Story:
    """Steps are taken by a person: what production says is for other tests."""

    def __init__(self, relgate, target, steps="[10%, 25%, 50%, 100%]", unit="unit: user"):
        self.relgate = relgate
        self.folder = Path(tempfile.mkdtemp(prefix="relgate-engine-"))
        self.write("numbers.json", '{"toxicity": {"events": 0, "n": 1000}}')
        self.write("interactions.jsonl", "")
        self.interactions = 0
        text = MANIFEST.format(target=target, steps=steps, unit=unit)
        self.write("release.yaml", text)
        # What serves the rest, as an older manifest says it.
        older = text.split("deployment:")[0].replace("version: 2.4.0", "version: 2.3.0")
        self.write("stable.yaml", older)
        self.now = datetime.now(timezone.utc).replace(microsecond=0)
        self.engine = []
        self.run("ledger", "init")

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def run(self, *arguments, code=0):
        done = subprocess.run([self.relgate, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != code:
            raise SystemExit(f"relgate {' '.join(arguments)} ended with {done.returncode}, not {code}\n{done.stdout}{done.stderr}")
        return done.stdout

    def act(self, *arguments, code=0):
        self.now += timedelta(minutes=5)
        return self.run(*arguments, "--now", self.now.isoformat().replace("+00:00", "Z"), *self.engine, code=code)

    def start(self):
        return self.act("rollout", "start")

    def served(self):
        """A few interactions, so that there is something to look at; far too few to say anything."""
        lines = []
        for version in ("2.3.0", "2.4.0"):
            for _ in range(20):
                self.interactions += 1
                own = self.interactions
                lines.append(f'{{"time": {self.now.timestamp()}, "id": "i{own}", "unit": "u{own}", "user": "u{own}", '
                             f'"release": "{version}", "user_flagged": false}}\n')
        with open(self.folder / "interactions.jsonl", "a") as log:
            log.writelines(lines)

    def next(self):
        self.served()
        return self.act("rollout", "next", "--anyway", "--as", "ana", "--reason", "no traffic in a test")

    def back(self):
        return self.act("rollback", "--as", "ana", "--reason", "enough was seen")


def limits(n, p, level=0.999):
    """The counts that a binomial lies between with this probability."""
    if p in (0, 1):
        return n * p, n * p
    log = lambda k: (math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)
                     + k * math.log(p) + (n - k) * math.log(1 - p))
    tail, low, high = (1 - level) / 2, None, None
    total = 0.0
    for k in range(n + 1):
        total += math.exp(log(k))
        if low is None and total > tail:
            low = k
        if high is None and total >= 1 - tail:
            high = k
            break
    return low, high


def held(what, count, n, p):
    low, high = limits(n, p)
    print(f"  {what}: {count} of {n} at {p:.2%}, limits {low:.0f} to {high:.0f}")
    if not low <= count <= high:
        raise SystemExit(f"{what}: {count} of {n} is outside {low} to {high}")
