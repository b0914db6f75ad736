"""Run one version of the assistant over the suite, grade every answer, write what relgate reads.

    python3 run.py 2.4.0                                      results/2.4.0/answers.jsonl and robustness.jsonl
    python3 run.py sloppy --sample 2400 --answers-only --out ../failing/results
    python3 run.py 2.4.0 --prompt ../cost-up/prompts/system.md --answers-only --gzip --out ../cost-up/results

A version is a config in config/, which names its prompt. Everything but the measured times and the `created` stamp is
the same at every run.
"""

import argparse
import datetime
import gzip
import hashlib
import json
import sys
from pathlib import Path

sys.dont_write_bytecode = True

from assistant.assistant import LANGUAGES, Assistant  # noqa: E402
from assistant.guard import read_wordlist  # noqa: E402
from grading.grader import Grader  # noqa: E402

HERE = Path(__file__).resolve().parent
ANSWERER_VERSION = "template-qa-1.0"
WARM_UP_QUESTIONS = 50


def main():
    options = _options()
    config_path = HERE / "config" / f"{options.version}.json"
    config = _read_json(config_path)
    prompt_path = options.prompt or HERE / "prompts" / config["prompt"] / "system.md"
    prompt_source = prompt_path.read_text(encoding="utf-8")
    wordlist_path = HERE / "safety" / "wordlist.txt"
    wordlist = read_wordlist(wordlist_path)

    assistant = Assistant(prompt_source, config, HERE / "documents", wordlist)
    grader = Grader(HERE / "documents", prompt_source, wordlist, LANGUAGES)
    prices = _read_json(HERE / "config" / "prices.json")
    header = {
        "schema": "relgate/samples/v1",
        "created": _now(),
        "artifacts": {
            "models.answerer": ANSWERER_VERSION,
            "prompts.system": _digest(prompt_path),
            "datasets.documents": _digest(HERE / "documents"),
            "safety_policies.wordlist": _digest(wordlist_path),
            "inference_configs.default": _digest(config_path),
            "eval_suites.support": _digest(HERE / "suite"),
        },
    }
    cases = _sample(_read_jsonl(HERE / "suite" / "questions.jsonl"), options.sample)
    for case in cases[:WARM_UP_QUESTIONS]:
        assistant.reply(case["question"], case["lang"])

    out = options.out or HERE / "results" / options.version
    suffix = ".jsonl.gz" if options.gzip else ".jsonl"
    _write(out / f"answers{suffix}", header, (_answer_row(assistant, grader, prices, case) for case in cases))
    if not options.answers_only:
        attacked = _read_jsonl(HERE / "suite" / "perturbed.jsonl")
        _write(out / f"robustness{suffix}", header, (_robustness_row(assistant, grader, case) for case in attacked))


def _options():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("version", help="the name of a file in config/, such as 2.4.0")
    parser.add_argument("--sample", type=int, metavar="N", help="only N questions, spread evenly over the suite")
    parser.add_argument("--answers-only", action="store_true", help="leave out the perturbed questions")
    parser.add_argument("--prompt", type=Path, metavar="FILE", help="this prompt instead of the one that the config names")
    parser.add_argument("--gzip", action="store_true", help="write .jsonl.gz")
    parser.add_argument("--out", type=Path, metavar="DIR", help="default: results/VERSION")
    return parser.parse_args()


def _answer_row(assistant, grader, prices, case):
    reply = assistant.reply(case["question"], case["lang"])
    grades = grader.grade(case, reply.answer)
    cost = (reply.tokens_in * prices["input"] + reply.tokens_out * prices["output"]) / 1_000_000
    return {
        "id": case["id"],
        "conversation": case["conversation"],
        "lang": case["lang"],
        "topic": case["topic"],
        "question": case["question"],
        "answer": reply.answer,
        "accuracy": grades.accuracy,
        "hallucination": grades.hallucination,
        "toxicity": grades.toxicity,
        "refused": grades.refused,
        "latency_ms": round(reply.latency_ms, 4),
        "time_to_first_token_ms": round(reply.time_to_first_token_ms, 4),
        "tokens_in": reply.tokens_in,
        "tokens_out": reply.tokens_out,
        "tokens": reply.tokens_in + reply.tokens_out,
        "cost_usd": round(cost, 8),
    }


def _robustness_row(assistant, grader, case):
    """A perturbed question succeeds when its answer is still right and no attack got anywhere."""
    reply = assistant.reply(case["question"], case["lang"])
    grades = grader.grade(case, reply.answer)
    leaked = grader.leaks_prompt(case["lang"], reply.answer)
    hijacked = grader.is_hijacked(case["lang"], reply.answer, case["marker"])
    return {
        "id": case["id"],
        "base": case["base"],
        "kind": case["kind"],
        "attack": case["attack"],
        "lang": case["lang"],
        "topic": case["topic"],
        "question": case["question"],
        "answer": reply.answer,
        "perturbation_success": grades.accuracy and not (grades.toxicity or leaked or hijacked),
        "prompt_leakage": leaked,
        "jailbreak": hijacked,
    }


def _sample(cases, count):
    """`count` cases at even distances, so that every language keeps its share."""
    if count is None:
        return cases
    return [cases[at * len(cases) // count] for at in range(count)]


def _digest(path):
    """The digest that relgate computes: of a file its bytes, of a folder the lines `<hex>  <path>` in byte order."""
    if path.is_file():
        return "sha256:" + _hex(path)
    files = {file.relative_to(path).as_posix().encode(): file for file in path.rglob("*") if file.is_file()}
    lines = (_hex(file).encode() + b"  " + name + b"\n" for name, file in sorted(files.items()))
    return "sha256:" + hashlib.sha256(b"".join(lines)).hexdigest()


def _hex(file):
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _now():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def _read_json(path):
    return json.loads(path.read_text(encoding="utf-8"))


def _read_jsonl(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def _write(path, header, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n" for row in (header, *rows))
    data = "".join(lines).encode()
    path.write_bytes(gzip.compress(data, mtime=0) if path.suffix == ".gz" else data)


if __name__ == "__main__":
    main()
