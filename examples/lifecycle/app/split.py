"""Which release a user gets, and a record of what they got: for an application that relgate rolls out (relgate/split/v1).

Copy this file into the application. Standard library only; a changed split file holds from the next call on.
"""

import hashlib
import json
import os
import time
import uuid

SPLIT = os.environ.get("RELGATE_SPLIT", "deploy/split.json")
LOG = os.environ.get("RELGATE_LOG", "interactions.jsonl")

_split = {"stamp": None}


def _read():
    about = os.stat(SPLIT)
    stamp = (about.st_mtime_ns, about.st_ino, about.st_size)
    if stamp != _split["stamp"]:
        with open(SPLIT, encoding="utf-8") as file:
            split = json.load(file)
        if split["schema"] != "relgate/split/v1":
            raise ValueError(f"{SPLIT} is of {split['schema']}, not relgate/split/v1")
        _split.update(stamp=stamp, split=split)
    return _split["split"]


def release(unit, cohorts=()):
    """The version that a unit (a user, a conversation) gets; the same one every time, also in other languages.

    Not Python's hash(), which differs between processes. `cohorts` are the groups that the unit belongs to.
    """
    split = _read()
    head = int(hashlib.sha256(f"{split['salt']}:{unit}".encode()).hexdigest()[:8], 16)
    chosen = head * 10_000 >> 32 < split["candidate_per_10000"]
    if chosen or any(cohort in split["cohorts"] for cohort in cohorts):
        return split["candidate"]
    return split["stable"]


def log_interaction(prompt, response, latency_ms, cost_usd, user_flagged=False, *, unit, release, id=None, **more):
    """Appends one record for `relgate monitor`, and gives its id.

    Feedback that comes later is one more record of the same id: `feedback(id, user_flagged=True)`.
    """
    id = id or uuid.uuid4().hex
    _append({
        "time": time.time(), "id": id, "release": release, "unit": unit, "prompt": prompt, "response": response,
        "latency_ms": latency_ms, "cost_usd": cost_usd, "user_flagged": user_flagged, **more,
    })
    return id


def feedback(id, **fields):
    """Adds or replaces fields of an interaction."""
    _append({"time": time.time(), "id": id, **fields})


def _append(record):
    # One write of a whole line: records of several processes do not mix.
    line = json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"
    handle = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o640)
    try:
        os.write(handle, line.encode())
    finally:
        os.close(handle)
