"""Every message reaches its department. RULES names the file with the rules."""

import json
import os
import time
from pathlib import Path

import pytest

from router import Router

CASES = [json.loads(line) for line in Path(__file__).with_name("cases.jsonl").read_text(encoding="utf-8").splitlines()]


@pytest.fixture(scope="session")
def router():
    return Router(os.environ["RULES"])


@pytest.mark.parametrize("case", CASES, ids=[case["id"] for case in CASES])
def test_department(case, router, record_property):
    record_property("department", case["department"])
    began = time.perf_counter()
    answer = router.department(case["message"])
    record_property("latency_ms", round(1000 * (time.perf_counter() - began), 4))
    assert answer == case["department"], case["message"]
