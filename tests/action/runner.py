"""A runner for action.yml: its steps, inputs, outputs and conditions, as far as it uses them."""

import json
import os
import re
import subprocess
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text())


class Run:
    """What a run of the action did: its log, its exit code, its outputs, the summary, and what it uploaded."""

    def __init__(self):
        self.log, self.code, self.outputs, self.summary, self.uploads = "", 0, {}, "", []


class Expressions:
    """`${{ }}` over inputs, github and steps; anything else is refused, so that no part of action.yml goes untried."""

    def __init__(self, contexts):
        self.contexts = contexts

    def value(self, text):
        text = text.strip()
        if text.startswith("'") and text.endswith("'"):
            return text[1:-1]
        if text == "!cancelled()":
            return True
        value = self.contexts
        for key in text.split("."):
            value = value.get(key, "") if isinstance(value, dict) else ""
        if text.split(".")[0] not in self.contexts:
            raise ValueError(f"the test runner does not know `{text}`")
        return value

    def holds(self, text):
        text = re.sub(r"^\$\{\{(.*)\}\}$", r"\1", text.strip()).strip()
        return all(self.condition(part) for part in text.split("&&"))

    def condition(self, part):
        if "==" in part:
            left, right = part.split("==")
            return self.value(left) == self.value(right)
        return bool(self.value(part))

    def fill(self, text):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found[1])), str(text))


def run(workspace, service, event, *, inputs=None, environment=None, **github):
    """Runs the action in the folder `workspace`, for the event (a dict) of the kind `github["event_name"]`."""
    temporary = workspace.parent / f"runner-{len(list(workspace.parent.glob('runner-*')))}"
    temporary.mkdir()
    (temporary / "event.json").write_text(json.dumps(event))
    contexts = {
        "github": {"action_path": str(ROOT), "action_repository": "", "action_ref": "", "token": "secret-token"},
        "inputs": {},
        "steps": {},
    }
    expressions = Expressions(contexts)
    for name, declared in ACTION["inputs"].items():
        contexts["inputs"][name] = expressions.fill(declared.get("default", ""))
    for name, value in (inputs or {}).items():
        assert name in ACTION["inputs"], name
        contexts["inputs"][name] = value
    base = {
        "PATH": os.environ["PATH"],
        "HOME": str(temporary),
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_API_URL": service.url,
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "shop/assistant",
        "GITHUB_RUN_ID": "555",
        "GITHUB_EVENT_PATH": str(temporary / "event.json"),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
        "RUNNER_TEMP": str(temporary),
        "RUNNER_OS": "Linux",
        "RUNNER_ARCH": "X64",
        **{f"GITHUB_{name.upper()}": value for name, value in github.items()},
        **(environment or {}),
    }
    result = Run()
    failed = False
    for step in ACTION["runs"]["steps"]:
        condition = step.get("if")
        outcome = "skipped"
        outputs = {}
        if expressions.holds(condition) if condition else not failed:
            outcome = "success"
            if "uses" in step:
                assert re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", step["uses"]), step["uses"]
                result.uploads.append({key: expressions.fill(value) for key, value in step["with"].items()})
            else:
                assert "${{" not in step["run"], "text of others in a shell line"
                output = temporary / f"output-{step.get('id', 'none')}"
                output.touch()
                own = {key: expressions.fill(value) for key, value in step["env"].items()}
                done = subprocess.run(
                    ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
                    cwd=workspace,
                    env={**base, **own, "GITHUB_OUTPUT": str(output)},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    timeout=120,
                )
                result.log += done.stdout
                outputs = dict(line.split("=", 1) for line in output.read_text().splitlines())
                if done.returncode:
                    outcome, failed = "failure", True
                    result.code = result.code or done.returncode
        if "id" in step:
            contexts["steps"][step["id"]] = {"outputs": outputs, "outcome": outcome}
    for name, declared in ACTION["outputs"].items():
        result.outputs[name] = expressions.fill(declared["value"])
    if (temporary / "summary.md").exists():
        result.summary = (temporary / "summary.md").read_text()
    return result
