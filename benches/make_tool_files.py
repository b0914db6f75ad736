"""Makes large files of the shape that evaluation tools write, for measuring how they are read.

    python3 benches/make_tool_files.py --kind promptfoo-jsonl --rows 1000000 promptfoo.jsonl      2.7 GB
    python3 benches/make_tool_files.py --kind inspect-json    --rows 15700   inspect.json         0.5 GB
    python3 benches/make_tool_files.py --kind inspect-eval    --rows 15700   inspect.eval         the same samples, deflated
    python3 benches/make_tool_files.py --kind junit           --rows 505000  junit.xml            0.2 GB

Every row is one that the tool wrote (tests/fixtures/tools, examples/inspect), with other ids, numbers and outcomes, drawn
with a fixed seed: the same arguments make the same file. Prints what the file holds: rows, errored, passed.
"""

import argparse
import json
import random
import re
import uuid
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIXTURES = ROOT / "tests/fixtures/tools"
ERRORED_OF_100 = 1
FAILED_OF_100 = 8


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kind", required=True, choices=MAKERS)
    options.add_argument("--rows", required=True, type=int)
    options.add_argument("out", type=Path)
    chosen = options.parse_args()
    made = MAKERS[chosen.kind](chosen.rows, chosen.out)
    print(f"{chosen.out}: {chosen.out.stat().st_size} bytes, {made}")


def outcomes(rows):
    """For every row a source of numbers and what became of it: "errored", "failed" or "passed"."""
    draw = random.Random(20261129)
    for number in range(rows):
        at = draw.randrange(100)
        yield number, draw, "errored" if at < ERRORED_OF_100 else "failed" if at < ERRORED_OF_100 + FAILED_OF_100 else "passed"


class Tally:
    def __init__(self):
        self.counts = {"passed": 0, "failed": 0, "errored": 0}

    def add(self, outcome):
        self.counts[outcome] += 1

    def __str__(self):
        return f"{sum(self.counts.values())} rows: " + ", ".join(f"{count} {name}" for name, count in self.counts.items())


def unique_id(draw):
    return str(uuid.UUID(int=draw.getrandbits(128), version=4))


# -- promptfoo: one row a line; a case is asked with each prompt of each provider.

MARK = {"id": "\u0001id\u0001", "question": "\u0001question\u0001", "case": 918273645, "latency": 192837465, "cost": 0.918273}


def promptfoo_jsonl(rows, out):
    templates = promptfoo_templates()
    cells = sorted({cell for cell, _ in templates})
    tally = Tally()
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for number, draw, outcome in outcomes(rows):
            case, cell = divmod(number, len(cells))
            text = templates[cells[cell], outcome]
            text = text.replace("\u0001id\u0001", unique_id(draw)).replace("\u0001question\u0001", f"Question {case} of many?")
            text = text.replace(str(MARK["case"]), str(case)).replace(str(MARK["latency"]), str(draw.randrange(40, 900)))
            file.write(text.replace(str(MARK["cost"]), f"{draw.randrange(1, 4000) / 1_000_000:g}"))
            tally.add(outcome)
    return tally


def promptfoo_templates():
    """A line for every (prompt and provider, outcome), with marks where rows differ."""
    templates = {}
    for line in (FIXTURES / "promptfoo-0.123.0/results.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        outcome = ["passed", "failed", "errored"][row["failureReason"]]
        question = row["vars"]["question"]
        row["id"], row["testIdx"], row["latencyMs"] = MARK["id"], MARK["case"], MARK["latency"]
        row["prompt"]["raw"] = row["prompt"]["raw"].replace(question, MARK["question"])
        # A case has the same variables in every cell, whatever became of it there.
        row["vars"] = row["testCase"]["vars"] = {"question": MARK["question"]}
        if outcome != "errored":
            row["cost"] = row["response"]["cost"] = MARK["cost"]
        text = json.dumps(row, ensure_ascii=False, separators=(",", ":")).replace("\\u0001", "\u0001")
        templates.setdefault((row["promptIdx"], outcome), text + "\n")
    cells = {cell for cell, _ in templates}
    for cell in cells:
        for outcome in "passed", "failed", "errored":
            if (cell, outcome) not in templates:
                raise SystemExit(f"cell {cell} has no row that {outcome}")
    return templates


# -- Inspect: one sample of several messages and events; in one JSON document, or as members of a ZIP.


class InspectSamples:
    """Samples in the text of the tool, and the head of a log that goes with them."""

    def __init__(self, rows):
        agent = zipfile.ZipFile(ROOT / "examples/inspect/results/staff.eval")
        self.rows, self.tally = rows, Tally()
        self.agent = agent
        texts = [agent.read(name).decode() for name in agent.namelist() if name.startswith("samples/")]
        self.templates = [(re.search(r'"id": "order-(\d+)"', text).group(1), text) for text in texts]
        broken = zipfile.ZipFile(FIXTURES / "inspect-0.3.150/broken.eval")
        self.errored = broken.read("samples/3_epoch_1.json").decode()

    def __iter__(self):
        for number, draw, outcome in outcomes(self.rows):
            old, text = self.templates[number % len(self.templates)]
            if outcome == "errored":
                text = self.errored.replace('"id": 3,', f'"id": "order-{number}",', 1)
            else:
                text = re.sub(rf"\b{old}\b", str(number), text)
            if outcome == "failed":
                text = text.replace('"includes": {\n      "value": "C"', '"includes": {\n      "value": "I"')
            text = re.sub(r'"uuid": "\w+"', f'"uuid": "{draw.getrandbits(128):022x}"', text)
            text = re.sub(r'"(total|working)_time": [\d.]+', lambda time: f'"{time[1]}_time": {draw.uniform(0.2, 9):.3f}', text)
            self.tally.add(outcome)
            yield f"order-{number}", text

    def head(self):
        """The log without its samples; call it after the samples were taken."""
        head = json.loads(self.agent.read("header.json"))
        counts = self.tally.counts
        completed = counts["passed"] + counts["failed"]
        head["eval"]["dataset"].update(samples=self.rows, sample_ids=[f"order-{number}" for number in range(self.rows)])
        head["results"].update(total_samples=self.rows, completed_samples=completed)
        score = head["results"]["scores"][0]
        share = counts["passed"] / max(completed, 1)
        score.update(scored_samples=completed, unscored_samples=0)
        score["metrics"]["accuracy"]["value"] = share
        score["metrics"]["stderr"]["value"] = (share * (1 - share) / max(completed - 1, 1)) ** 0.5
        return head


def inspect_json(rows, out):
    # The head stands before the samples and counts them, so they are gone through twice.
    counted = InspectSamples(rows)
    for _ in counted:
        pass
    samples = InspectSamples(rows)
    with out.open("w", encoding="utf-8", newline="\n") as file:
        head = json.dumps(counted.head(), indent=2, ensure_ascii=False)
        file.write(head[: head.rindex("\n}")] + ',\n  "samples": [\n')
        for number, (_, text) in enumerate(samples):
            file.write((",\n" if number else "") + "    " + text.replace("\n", "\n    "))
        file.write("\n  ]\n}\n")
    return samples.tally


def inspect_eval(rows, out):
    samples = InspectSamples(rows)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        start = json.loads(samples.agent.read("_journal/start.json"))
        write_member(archive, "_journal/start.json", json.dumps(start, indent=2))
        for name, text in samples:
            write_member(archive, f"samples/{name}_epoch_1.json", text)
        write_member(archive, "header.json", json.dumps(samples.head(), indent=2, ensure_ascii=False))
    return samples.tally


def write_member(archive, name, text):
    """With a fixed time, so that the same arguments make the same file."""
    member = zipfile.ZipInfo(name, (2026, 11, 29, 0, 0, 0))
    member.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(member, text)


# -- JUnit: one testcase after the other, as pytest writes them (no line ends between).


def junit(rows, out):
    text = (FIXTURES / "pytest-8.4.2/xunit1.xml").read_text(encoding="utf-8")
    cases = re.findall(r"<testcase [^>]*?/>|<testcase .*?</testcase>", text, re.DOTALL)
    templates = {
        "passed": [case for case in cases if "test_answer[" in case and "<failure" not in case],
        "failed": [case for case in cases if "test_answer[" in case and "<failure" in case],
        "errored": [case for case in cases if "failed on setup" in case],
    }
    counted = Tally()
    for _, _, outcome in outcomes(rows):
        counted.add(outcome)
    tally = Tally()
    with out.open("w", encoding="utf-8", newline="\n") as file:
        head = text[: text.index("<testcase")]
        for name, count in ("errors", counted.counts["errored"]), ("failures", counted.counts["failed"]), ("tests", rows), ("skipped", 0):
            head = re.sub(rf' {name}="\d+"', f' {name}="{count}"', head)
        file.write(head)
        for number, draw, outcome in outcomes(rows):
            case = templates[outcome][number % len(templates[outcome])]
            case = re.sub(r' name="test_\w+[^"]*"', f' name="test_answer[case-{number}]"', case, count=1)
            file.write(re.sub(r' time="[\d.]+"', f' time="{number % 997 / 1000:.3f}"', case, count=1))
            tally.add(outcome)
        file.write("</testsuite></testsuites>")
    return tally


MAKERS = {"promptfoo-jsonl": promptfoo_jsonl, "inspect-json": inspect_json, "inspect-eval": inspect_eval, "junit": junit}

if __name__ == "__main__":
    main()
