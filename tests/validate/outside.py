"""Cards, bills of materials and entries for the hub, read by the libraries of those who made these forms.

usage: outside.py RELGATE NODE_MODULES: writes one release with hostile texts in a folder of its own.
"""

import json
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from huggingface_hub import ModelCard
from huggingface_hub.repocard_data import eval_results_to_model_index

try:
    from huggingface_hub import parse_eval_result_entries
except ImportError:  # where older versions keep it
    from huggingface_hub.repocard_data import parse_eval_result_entries

COMMIT = "0123456789abcdef0123456789abcdef01234567"
HOSTILE = "]]> --> <script>alert(1)</script> | `x` \u202e ': # @team"
MANIFEST = f"""relgate: 1
name: helper
version: 1.2.0
type: prompt-release
summary: {json.dumps(HOSTILE)}
artifacts:
  models: {{ chat: {{ version: m1, uri: 'hf:acme/support-7b@{COMMIT}' }}, judge: {{ version: '2026', uri: 'openai:gpt-9 mini' }} }}
  prompts: {{ system: {{ version: v1, path: prompts }} }}
  datasets: {{ eval: {{ version: e1, uri: 'hf:datasets/acme/eval-set@{COMMIT}', role: eval }} }}
  inference_configs: {{ default: {{ version: c1, values: {{ temperature: 0.2 }} }} }}
evidence:
  answers: {{ path: answers.jsonl }}
gates:
  - {{ rule: 'accuracy >= 70%', by: [lang] }}
  - {{ rule: 'toxicity < 9%', id: toxic, rationale: {json.dumps(HOSTILE)} }}
policy: {{ require: [] }}
risks:
  confabulation: {{ likelihood: medium, impact: high, residual: low, owner: team, review: 2027-03-01, mitigation: {json.dumps(HOSTILE)}, tested_by: [accuracy] }}
  cbrn: {{ not_applicable: {json.dumps(HOSTILE)}, owner: team, review: 2027-03-01 }}
"""
CARD = "---\nlicense: apache-2.0\npipeline_tag: text-generation\n---\n\n# A model\n\nBy people.\n"


def main():
    relgate, node = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as place:
        os.chdir(place)
        chance = random.Random(7)
        rows = [
            {"id": f"q{i}", "lang": chance.choice(["de", HOSTILE]), "accuracy": chance.random() < 0.85, "toxicity": chance.random() < 0.03}
            for i in range(800)
        ]
        Path("answers.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
        Path("prompts").mkdir()
        Path("prompts/a.md").write_text("Be kind.\n")
        Path("release.yaml").write_text(MANIFEST)
        Path("MODEL_CARD.md").write_text(CARD)
        asked = ["card=MODEL_CARD.md", "bom=bom.cdx.json", "eval-results=.eval_results/relgate.yaml"]
        arguments = [part for one in asked for part in ("--report", one)]
        subprocess.run([relgate, "check", "--quiet", *arguments], check=True)

        report = json.loads(Path("relgate-report/report.json").read_text())
        gates = {gate["metric"]: gate["candidate"]["value"] for gate in report["gates"] if gate["place"]}
        card = ModelCard.load("MODEL_CARD.md")
        assert {one.metric_type: one.metric_value for one in card.data.eval_results} == gates, card.data.eval_results
        assert card.data.license == "apache-2.0" and "By people." in card.text
        # What the library makes of it has the same figures as what it read.
        index = eval_results_to_model_index("helper", card.data.eval_results)
        assert sum(len(result["metrics"]) for result in index[0]["results"]) == len(gates)
        entries = parse_eval_result_entries(yaml.safe_load(Path(".eval_results/relgate.yaml").read_text()))
        assert {one.task_id: one.value for one in entries} == gates
        assert all(one.dataset_id == "acme/eval-set" and one.dataset_revision == COMMIT for one in entries)

        bom = Path("bom.cdx.json").read_text()
        wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(bom)
        assert wrong is None, wrong
        flipped = bom.replace('"SHA-256"', '"SHA-265"').replace('"data"', '"daata"')
        assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(flipped) is not None
        script = Path(__file__).with_name("cyclonedx.mjs").read_text()
        (node / "cyclonedx.mjs").write_text(script)
        subprocess.run(["node", node / "cyclonedx.mjs", Path("bom.cdx.json").resolve()], check=True)

        committed = Path("MODEL_CARD.md").read_bytes()
        begin, end = committed.index(b"<!-- relgate:begin"), committed.index(b"<!-- relgate:end card -->")
        for at in chance.sample(range(begin, end), 200):
            changed = bytearray(committed)
            changed[at] = (changed[at] + 1) % 128 or 65
            Path("MODEL_CARD.md").write_bytes(changed)
            held = subprocess.run(
                [relgate, "report", "relgate-report", "--report", "card=MODEL_CARD.md", "--check"], capture_output=True
            )
            assert held.returncode == 1, (at, held)
        print(f"a card, a BOM and {len(entries)} entries are what their readers want; 200 flipped bytes of the card were told")


if __name__ == "__main__":
    main()
