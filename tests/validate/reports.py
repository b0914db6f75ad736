"""Every kind of report of a few stories, read by the tools that people read them with.

JUnit: the XSD of Jenkins and junitparser. SARIF: Microsoft's multitool. Markdown: cmark-gfm, then the page that it makes.
OpenMetrics: the parser of prometheus_client. CSV: Python's. GitLab: its documented shape. GitHub: the grammar of its commands.

usage: reports.py RELGATE NPM
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import cmarkgfm
import jsonschema
from bs4 import BeautifulSoup
from cmarkgfm.cmark import Options
from junitparser import Error, Failure, JUnitXml, Skipped
from lxml import etree
from prometheus_client.openmetrics.parser import text_string_to_metric_families

RELGATE, NPM = Path(sys.argv[1]), Path(sys.argv[2])
FILES = {
    "json": "report.json",
    "markdown": "report.md",
    "junit": "junit.xml",
    "sarif": "relgate.sarif",
    "github": "github.txt",
    "gitlab": "gl-code-quality-report.json",
    "metrics": "metrics.txt",
    "csv": "gates.csv",
    "terminal": "report.txt",
}
XSD = etree.XMLSchema(etree.parse(NPM / "mocha/test/resources/jenkins-junit.xsd"))
EVIL = "<script>alert(1)</script>|`x` \u202eevil @team #1 https://e.vil ::error::owned %0A::error::y [a](b) =1+1 \"'"
HEAD = "relgate: 1\nname: NAME\nversion: 1.2.3\ntype: prompt-release\n"
EVIDENCE = "evidence: { answers: { path: answers.jsonl } }\n"


def rows(n, of):
    return "".join(json.dumps({"id": f"q{i}", **of(i)}) + "\n" for i in range(n))


def quoted(text):
    """A text as a YAML scalar: JSON is one."""
    return json.dumps(text)


def stories():
    """Name -> (manifest, evidence, exit code)."""
    plain = rows(1000, lambda i: {"toxic": i < 1, "accuracy": i >= 20, "latency_ms": 500 + i})
    gates = "gates: ['Toxicity < 1%', 'accuracy >= 90%', 'p95 latency < 2s']\npolicy: { require: [] }\n"
    yield "passes", EVIDENCE + gates, plain, 0

    bad = rows(1000, lambda i: {"toxic": i < 50, "accuracy": i >= 20, "latency_ms": 500 + i})
    yield "fails", EVIDENCE + gates, bad, 1

    few = rows(40, lambda i: {"toxic": False, "accuracy": True, "latency_ms": 500 + i})
    yield "undecided", EVIDENCE + gates, few, 3

    yield "unreadable", EVIDENCE + gates, '{"id": "a", "toxic": false}\n{"id": "a"', 2
    yield "undeclared", "gates: [\n", plain, 2

    mixed = rows(1000, lambda i: {"toxic": i < 50, "accuracy": i >= 200, "latency_ms": 500 + i, "lang": EVIL if i % 2 else "de", "::error::field": "::warning::x",
                                  "id": f"{EVIL} {i}"})
    hostile = f"""summary: {quoted(EVIL)}
{EVIDENCE}gates:
  - {{ rule: 'Toxicity < 1%', by: [lang, '::error::field'], rationale: {quoted(EVIL)} }}
  - {{ rule: 'p95 latency < 900ms', id: formula, enforcement: warn }}
  - {{ rule: 'accuracy >= 90%' }}
  - {{ rule: 'mean latency < 2s', when: {{ type: [hotfix] }} }}
waivers:
  - {{ gate: accuracy, reason: {quoted(EVIL)}, owner: {quoted(EVIL)}, approver: {quoted("b" + EVIL)}, expires: 2027-01-01, limit: 70% }}
policy: {{ require: [] }}
"""
    yield "hostile", hostile, mixed, 1

    many = "".join(f"  - {{ rule: 'Toxicity < 1%', id: g{i} }}\n" for i in range(9_990))
    many += "".join(f"  - {{ rule: 'accuracy >= 99.9%', id: bad{i} }}\n" for i in range(10))
    yield "many-gates", f"{EVIDENCE}gates:\n{many}policy: {{ require: [] }}\n", plain, 1

    sliced = rows(25_000, lambda i: {"toxic": i % 500 == 7, "lang": f"<b>{i % 500}|"})
    by = "gates: [{ rule: 'Toxicity < 10%', by: [lang] }]\npolicy: { require: [] }\n"
    yield "many-slices", EVIDENCE + by, sliced, 1


def judge(folder, name, manifest, evidence, code):
    (folder / "release.yaml").write_text(HEAD.replace("NAME", name) + manifest, encoding="utf-8")
    (folder / "answers.jsonl").write_text(evidence, encoding="utf-8")
    # A release that cannot be judged has its kinds as well.
    reports = [f"--report={kind}={file}" for kind, file in FILES.items()]
    env = {"SOURCE_DATE_EPOCH": "1795165200", "PATH": os.environ["PATH"]}
    command = [RELGATE, "check", "--as-of", "2026-11-20", "--no-changelog", "--quiet", *reports]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True)
    assert done.returncode == code, f"{name}: ended with {done.returncode}, not {code}\n{done.stdout}{done.stderr[-3000:]}"
    return {kind: (folder / file).read_bytes().decode("utf-8") for kind, file in FILES.items()}


def junit(text, report):
    XSD.assertValid(etree.fromstring(text.encode()))
    suites = JUnitXml.fromstring(text.encode())
    cases = [case for suite in suites for case in suite]
    kinds = [{type(one) for one in case.result} for case in cases]
    failures, errors = sum(Failure in kind for kind in kinds), sum(Error in kind for kind in kinds)
    assert (suites.failures, suites.errors, suites.tests) == (failures, errors, len(cases))
    assert len(cases) == len(report["gates"]) + 1
    code = report["exit_code"]
    assert (failures > 0) == (code == 1), (failures, code)
    assert (failures == 0 and errors > 0) == (code in (2, 3)), (errors, code)
    for gate, kind in zip(report["gates"], kinds):
        skipped = gate["waived"] is not None or gate["outcome"] == "not-applicable"
        assert (Skipped in kind) == skipped, gate["id"]


def sarif(text, report, file):
    log = json.loads(text)
    done = subprocess.run([NPM / "sarif/Sarif.Multitool", "validate", str(file), "--level", "Error;Warning"], capture_output=True, text=True)
    problems = [line for line in done.stdout.splitlines() if re.search(r": (error|warning) ", line)]
    # The tool has no page of its own to point to.
    problems = [line for line in problems if "SARIF2005" not in line]
    assert "Analysis completed successfully" in done.stdout and not problems, done.stdout[-3000:]
    run, = log["runs"]
    open_gates = [gate for gate in report["gates"] if gate["outcome"] not in ("pass", "not-applicable")]
    of_gates = [result for result in run["results"] if result["ruleId"].startswith("gate/")]
    assert len(of_gates) == len(open_gates)
    assert any(result["level"] == "error" for result in run["results"]) == (report["exit_code"] != 0)
    prints = [result["partialFingerprints"]["relgate/v1"] for result in run["results"]]
    assert len(set(prints)) == len(prints)
    for result in of_gates:
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"] == {"uri": "release.yaml", "uriBaseId": "%SRCROOT%"}, place
        assert place["region"]["startLine"] > 4, place
        assert ("suppressions" in result) == (result["level"] == "note")


def markdown(text, report, name):
    assert len(text) <= 65_536, len(text)
    marker = text.splitlines()[0]
    assert re.fullmatch(r"<!-- relgate(:[A-Za-z0-9._-]+)? -->", marker), marker
    page = BeautifulSoup(cmarkgfm.github_flavored_markdown_to_html(text, Options.CMARK_OPT_UNSAFE), "html.parser")
    used = {tag.name for tag in page.find_all(True)}
    known = {"h2", "h3", "p", "table", "thead", "tbody", "tr", "th", "td", "ul", "li", "strong", "em", "blockquote", "details", "summary",
             "pre", "code"}
    assert used <= known, used - known
    assert all(set(tag.attrs) <= {"lang"} for tag in page.find_all(True)), "no text becomes an attribute, a link or an image"
    for table in page.find_all("table"):
        widths = {len(row.find_all(["td", "th"])) for row in table.find_all("tr")}
        assert len(widths) == 1, widths
    shown = page.get_text()
    if report["gates"]:
        table = page.find("table").get_text()
        for gate in [gate for gate in report["gates"] if gate["stops"]][:20]:
            clean = re.sub("\u202e", r"\\u{202e}", gate["id"])
            assert clean in table.replace("\u200b", ""), gate["id"]
    if name == "hostile":
        assert "<script>alert(1)</script>" in shown, "it is text, as it was written"
    last = page.find_all("h3")[-1]
    assert last.get_text() == "Next" and last.find_next_siblings()[-1].name == "p"


def metrics(text, report):
    families = {family.name: family for family in text_string_to_metric_families(text)}
    code, = families["relgate_exit_code"].samples
    assert code.value == report["exit_code"]
    if report["gates"]:
        stops = families["relgate_gate_stops"].samples
        assert [sample.value for sample in stops] == [float(gate["stops"]) for gate in report["gates"]]
        whole = [sample for sample in families["relgate_gate_threshold"].samples]
        assert [sample.value for sample in whole] == [gate["threshold"]["value"] for gate in report["gates"]]


def gates_csv(text, report):
    table = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    of_gates = [row for row in table if row["gate"] and not row["slice"]]
    assert len(of_gates) == len(report["gates"])
    assert len(table) == len(of_gates) + sum(len(gate["slices"]) for gate in report["gates"]) + len(report["errors"])
    numbers = {"value", "lower", "upper", "confidence", "n", "candidate", "baseline", "threshold", "p_pass", "p_fail"}
    for row in table:
        assert None not in row and None not in row.values()
        for key, cell in row.items():
            if key in numbers:
                assert cell == "" or float(cell) == float(cell), row
            else:
                assert not re.match(r"[\s']*[=+\-@\t\r]", cell) or cell.startswith("'") or cell == "==", (key, cell)
    for row, gate in zip(of_gates, report["gates"]):
        figure = gate["change"] or gate["candidate"]
        assert (row["value"] or None) == (None if figure["value"] is None else row["value"])
        assert figure["value"] is None or float(row["value"]) == figure["value"]
        assert (row["outcome"], row["stops"]) == (gate["outcome"], str(gate["stops"]).lower())


# As GitLab documents it: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
GITLAB = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "pattern": "^[0-9a-f]{64}$"},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": "^(?!\\./|/)"},
                    "lines": {"type": "object", "required": ["begin"], "properties": {"begin": {"type": "integer", "minimum": 1}}},
                },
            },
        },
    },
}


def gitlab(text, report):
    assert not text.startswith("\ufeff")
    entries = json.loads(text)
    jsonschema.validate(entries, GITLAB)
    prints = [entry["fingerprint"] for entry in entries]
    assert len(set(prints)) == len(prints)
    assert any(entry["severity"] in ("critical", "blocker") for entry in entries) == (report["exit_code"] != 0)


def github(text, report):
    """The runner takes a line that begins with `::` after spaces, and the older `##[` anywhere in one."""
    commands = {}
    for line in text.split("\n"):
        assert "##[" not in line and "\r" not in line, line
        if not line.strip().startswith("::"):
            continue
        found = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line)
        assert found, line
        commands[found[1]] = commands.get(found[1], 0) + 1
        keys = [part.split("=", 1)[0] for part in found[2].split(",")]
        assert set(keys) <= {"file", "line", "col", "title"} and len(set(keys)) == len(keys), line
        assert not re.search(r"%(?!25|0A|0D|3A|2C)", found[3]), line
    assert all(times <= 10 for times in commands.values()), commands
    assert ("error" in commands) == (report["exit_code"] != 0)


def main():
    began = time.monotonic()
    checked = 0
    for name, manifest, evidence, code in stories():
        with tempfile.TemporaryDirectory() as place:
            folder, since = Path(place), time.monotonic()
            told = judge(folder, name, manifest, evidence, code)
            took = time.monotonic() - since
            report = json.loads(told["json"])
            assert report["exit_code"] == code
            junit(told["junit"], report)
            sarif(told["sarif"], report, folder / FILES["sarif"])
            markdown(told["markdown"], report, name)
            metrics(told["metrics"], report)
            gates_csv(told["csv"], report)
            gitlab(told["gitlab"], report)
            github(told["github"], report)
            checked += len(told)
            print(f"{name}: all kinds are what their readers want (judged and written in {took:.2f} s)", flush=True)
    print(f"{checked} reports were validated in {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
