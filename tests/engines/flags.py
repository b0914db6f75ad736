"""Flag files against flagd's schema and both of its in-process providers: shares, stickiness, growth, a cohort, a way back."""

import json
import subprocess
import sys
import time
from pathlib import Path

from openfeature import api
from openfeature.contrib.provider.flagd import FlagdProvider
from openfeature.contrib.provider.flagd.config import ResolverType
from openfeature.evaluation_context import EvaluationContext

from story import Story, held

UNITS = [f"user-{i}" for i in range(20_000)]

NODE = """
import { FlagdCore } from '@openfeature/flagd-core'; import fs from 'node:fs';
const core = new FlagdCore(); core.setConfigurations(fs.readFileSync(process.argv[2], 'utf8'));
const log = { error() {}, warn() {}, info() {}, debug() {} };
const told = JSON.parse(fs.readFileSync(process.argv[3], 'utf8')).map((targetingKey) =>
  core.resolveStringEvaluation('assistant', 'DEFAULT', { targetingKey }, log).value);
console.log(JSON.stringify(told));
"""

SCHEMA = """
import Ajv from 'ajv'; import addFormats from 'ajv-formats'; import fs from 'node:fs';
const read = (path) => JSON.parse(fs.readFileSync(path, 'utf8'));
const ajv = new Ajv({ strict: false, allErrors: true }); addFormats(ajv);
ajv.addSchema(read(process.argv[3] + '/flagd-targeting.schema.json'));
const fits = ajv.compile(read(process.argv[3] + '/flagd-flags.schema.json'));
if (!fits(read(process.argv[2]))) { console.error(fits.errors); process.exit(1); }
"""


def main():
    relgate, work, schemas = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    (work / "ask.mjs").write_text(NODE)
    (work / "fits.mjs").write_text(SCHEMA)
    (work / "units.json").write_text(json.dumps(UNITS))
    story = Story(relgate, "{ kind: flagd, path: deploy/flags.json }")
    path = story.folder / "deploy/flags.json"

    def node():
        told = subprocess.run(["node", "ask.mjs", path, "units.json"], cwd=work, capture_output=True, text=True, check=True)
        return dict(zip(UNITS, json.loads(told.stdout)))

    def python():
        api.set_provider(FlagdProvider(resolver_type=ResolverType.FILE, offline_flag_source_path=str(path)))
        client = api.get_client()
        value = lambda unit: client.get_string_value("assistant", "DEFAULT", EvaluationContext(targeting_key=unit))
        end = time.monotonic() + 20
        while value(UNITS[0]) == "DEFAULT" and time.monotonic() < end:
            time.sleep(0.1)
        told = {unit: value(unit) for unit in UNITS}
        if any(value(unit) != told[unit] for unit in UNITS[:2000]):
            raise SystemExit("flagd: a unit got the other release when it came again")
        api.shutdown()
        return told

    last = {"python": set(), "node": set()}

    def measured(share):
        if schemas.is_dir():
            subprocess.run(["node", "fits.mjs", path, schemas.resolve()], cwd=work, check=True)
        for name, ask in (("python", python), ("node", node)):
            told = ask()
            if set(told.values()) - {"2.3.0", "2.4.0"}:
                raise SystemExit(f"flagd, {name}: serves {set(told.values())}")
            chosen = {unit for unit, version in told.items() if version == "2.4.0"}
            held(f"flagd, {name}", len(chosen), len(UNITS), share)
            if share and last[name] - chosen:
                raise SystemExit(f"flagd, {name}: {len(last[name] - chosen)} units were moved back")
            last[name] = chosen

    if not schemas.is_dir():
        print("  flagd: skipped the schema: ../shared is not here")
    story.start()
    measured(0.10)
    for share in (0.25, 0.50):
        story.next()
        measured(share)
    story.back()
    measured(0)


main()
