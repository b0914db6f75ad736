#!/usr/bin/env python3
"""Two extractive summarisers over river bulletins, run on the same 240 bulletins.

    python3 examples/summariser/summarise.py lead      > examples/summariser/releases/1.0.0/results.jsonl
    python3 examples/summariser/summarise.py frequency > examples/summariser/results.jsonl

`lead` takes the first two sentences, `frequency` the two whose words are the most frequent in the bulletin. The bulletins and
the summaries of their editor are made here, from a fixed seed; nothing but the standard library is needed.
"""

import json
import random
import re
import sys
from collections import Counter

RIVERS = ["Aller", "Bever", "Calder", "Dommel", "Eder", "Foss", "Gail", "Hunte", "Isar", "Jagst"]
TOWNS = ["Ashby", "Birkfeld", "Corwen", "Dorfmark", "Elmshorn", "Frodsham", "Gronau", "Hexham", "Ilkley", "Kelso"]
CAUSES = ["heavy rain in the hills", "melting snow", "a blocked weir", "a storm from the west"]
WORKS = ["the ferry", "the footbridge", "the lower road", "the railway underpass", "the old mill"]
ASIDES = [
    "The weather service expects more of the same until Sunday.",
    "Anglers are asked to keep away from the banks.",
    "The town hall has put up a telephone line for questions.",
    "Volunteers had filled sandbags since the early morning.",
    "Last year the water had stayed far lower at this time.",
    "Schools will open as usual.",
]


def bulletin(rng):
    """A bulletin of seven sentences, and the summary that its editor wrote."""
    river, town = rng.choice(RIVERS), rng.choice(TOWNS)
    level, hour = rng.randint(21, 68) / 10, rng.randint(5, 21)
    cause, work = rng.choice(CAUSES), rng.choice(WORKS)
    people = rng.choice([12, 30, 45, 80, 120])
    opening = f"Good morning from the river office of the {town} district."
    rose = f"The {river} rose to {level} metres at {town} by {hour} o'clock after {cause}."
    closed = f"At {town} {work} was closed, and {people} people left their houses beside the {river}."
    falls = f"The {river} is expected to fall below {level - 1:.1f} metres at {town} by tomorrow evening."
    asides = rng.sample(ASIDES, 3)
    body = [rose, closed, falls, *asides]
    rng.shuffle(body)
    summary = f"The {river} rose to {level} metres at {town} after {cause}. At {town} {work} was closed and {people} people left their houses."
    return [opening, *body], summary


def words(sentence):
    return re.findall(r"[a-z0-9]+", sentence.lower())


def lead(sentences):
    return sentences[:2]


def frequency(sentences):
    counts = Counter(word for sentence in sentences for word in set(words(sentence)))
    score = lambda sentence: sum(counts[word] - 1 for word in set(words(sentence)))
    best = sorted(sentences, key=lambda sentence: (-score(sentence), sentence))[:2]
    return [sentence for sentence in sentences if sentence in best]


def main():
    summarise = {"lead": lead, "frequency": frequency}[sys.argv[1]]
    rng = random.Random(20261129)
    for number in range(240):
        sentences, reference = bulletin(rng)
        answer = " ".join(summarise(sentences))
        row = {"id": f"bulletin-{number:03}", "summary": answer, "reference": reference}
        print(json.dumps(row))


main()
