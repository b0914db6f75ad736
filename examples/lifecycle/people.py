#!/usr/bin/env python3
"""People who ask the shop's assistant through its proxy, and say later when an answer was no good.

  people.py PORT LOG HOUR REQUESTS COUNTER [RULES]   prints how many users each release served

HOUR is in hours since the story began; COUNTER is a file that numbers requests over all calls. RULES is the share of people who ask for
the assistant's rules.
"""

import http.client
import json
import sys

from assistant import ASKS_FOR_RULES, FACTS, share

BEGIN = 1_793_520_000


def main(port, log, hour, requests, counter, rules="0"):
    hour, requests = float(hour), int(requests)
    try:
        first = int(open(counter).read())
    except FileNotFoundError:
        first = 0
    proxy = http.client.HTTPConnection("127.0.0.1", int(port), timeout=30)
    served, flags = {}, []
    for number in range(first, first + requests):
        at = BEGIN + 3600 * (hour + (number - first) / requests)
        user = f"user-{int(share('user', number) * 3000)}"
        topic = list(FACTS)[number % len(FACTS)]
        question = ASKS_FOR_RULES if share("rules", number) < float(rules) else f"Something about {topic}, please"
        headers = {"X-User": user, "X-Request": f"r{number}", "X-Time": f"{at:.3f}"}
        proxy.request("POST", "/ask", question, headers)
        told = json.loads(proxy.getresponse().read())
        served.setdefault(told["version"], set()).add(user)
        # Few say anything, and they say it later: more of them after a bad answer, or one that bites.
        displeased = 0.9 if not told["right"] else 0.2 if told["curt"] else 0.05
        if share("opinion", number) < displeased:
            flags.append({"id": f"r{number}", "time": at + 900, "user_flagged": True})
    with open(log, "ab", buffering=0) as out:
        for flag in flags:
            out.write(json.dumps(flag).encode() + b"\n")
    open(counter, "w").write(str(first + requests))
    print(json.dumps({version: len(users) for version, users in sorted(served.items())}))


if __name__ == "__main__":
    main(*sys.argv[1:])
