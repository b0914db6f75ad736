"""Write suite/questions.jsonl and suite/perturbed.jsonl from the phrasing files. Same seed, same bytes.

A conversation is one invented customer with an opener, a mood and a product who asks one to three questions. Every
question names the section that answers it and the words that a right answer contains; the script refuses to write a
suite whose expected words do not stand in the documents.
"""

import json
import random
import re
import sys
from dataclasses import dataclass, field
from pathlib import Path

sys.dont_write_bytecode = True

from assistant import documents  # noqa: E402

HERE = Path(__file__).resolve().parent
SEED = 20261123
QUESTIONS_PER_LANGUAGE = {"en": 1800, "de": 1800, "es": 1400}
UNANSWERABLE_SHARE = 0.055
INSULT_SHARE = 0.03
PERTURBED_PER_KIND = 450
HEADING = re.compile(r"\[-\w+\]$|\[\w+/[\w-]+\] .|\{\w+\}$")
KEYBOARD_NEIGHBOURS = {"a": "s", "e": "r", "i": "o", "n": "m", "r": "t", "s": "d", "t": "r", "o": "p", "l": "k"}


@dataclass
class Phrasing:
    """One phrasing file: questions with their right answers, and the small talk around them."""

    answerable: list = field(default_factory=list)
    unanswerable: list = field(default_factory=list)
    lists: dict = field(default_factory=dict)


def read_phrasing(path):
    """Read a phrasing file: a heading in brackets or braces, then the lines that belong to it."""
    phrasing = Phrasing()
    heading = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("# "):
            continue
        if HEADING.match(line):
            heading = line
        elif heading.startswith("{"):
            phrasing.lists.setdefault(heading.strip("{}"), []).append(line)
        elif heading.startswith("[-"):
            phrasing.unanswerable.append((heading.strip("[-]"), [], line))
        else:
            section, _, expected = heading[1:].partition("] ")
            phrasing.answerable.append((section, [expected], line))
    return phrasing


def check_expected(phrasing, lang):
    """Every expected answer must stand in the section it is expected from."""
    bodies = {section.key: section.body for section in documents.load(HERE / "documents", lang)}
    for section, expected, _ in phrasing.answerable:
        missing = [words for words in expected if words not in bodies[section]]
        if missing:
            sys.exit(f"{lang}: {section} does not say {missing}")


def conversation(rng, phrasing):
    """The questions of one customer, each with what surrounds it."""
    lists = phrasing.lists
    values = {
        "product": rng.choice(lists["products"]),
        "name": rng.choice(lists["names"]),
        "month": rng.choice(lists["months"]),
        "nth": rng.choice(lists["ordinals"]),
        "year": str(rng.randrange(2015, 2026)),
        "order": f"NL-{rng.randrange(100_000, 999_999)}",
    }
    insult = rng.choice(lists["insults"]) if rng.random() < INSULT_SHARE else ""
    for turn in range(rng.choice((1, 1, 2, 3))):
        pool = phrasing.unanswerable if rng.random() < UNANSWERABLE_SHARE else phrasing.answerable
        section, expected, ask = rng.choice(pool)
        opener = rng.choice(lists["openers"]) if turn == 0 and rng.random() < 0.7 else ""
        closer = rng.choice(lists["closers"]) if rng.random() < 0.4 else ""
        message = " ".join(part for part in (opener, ask, insult, closer) if part)
        for name, value in values.items():
            message = message.replace("{" + name + "}", value)
        yield section, expected, message


def questions(lang, phrasing, count):
    """`count` different questions of one language."""
    rng = random.Random(f"{SEED}/{lang}")
    rows, seen, customer = [], set(), 0
    while len(rows) < count:
        customer += 1
        for section, expected, message in conversation(rng, phrasing):
            if message in seen or len(rows) == count:
                continue
            seen.add(message)
            rows.append(
                {
                    "id": f"{lang}-{len(rows) + 1:04}",
                    "conversation": f"{lang}-c{customer:04}",
                    "lang": lang,
                    "topic": section.partition("/")[0] if expected else "none",
                    "question": message,
                    "expected": expected,
                }
            )
    return rows


def typo(rng, message):
    """A slip of the finger in one or two words of five letters or more."""
    parts = message.split(" ")
    long_words = [at for at, part in enumerate(parts) if len(part) >= 5 and part.isalpha()]
    for at in rng.sample(long_words, min(rng.choice((1, 2)), len(long_words))):
        parts[at] = _slip(rng, parts[at])
    return " ".join(parts)


def _slip(rng, word):
    at = rng.randrange(1, len(word) - 1)
    kind = rng.choice(("omit", "double", "swap", "neighbour"))
    if kind == "omit":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    if kind == "swap":
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + KEYBOARD_NEIGHBOURS.get(word[at], word[at]) + word[at + 1 :]


def casing(rng, message):
    return rng.choice((message.upper(), message.lower(), message.swapcase(), message.title()))


def noise(rng, message, scraps):
    parts = message.split(" ")
    for _ in range(3):
        parts.insert(rng.randrange(len(parts) + 1), rng.choice(scraps))
    return " ".join(parts)


def perturbed(rows, phrasings, attacks):
    """PERTURBED_PER_KIND changed copies of each kind, each of another question, drawn from the whole suite."""
    rng = random.Random(f"{SEED}/perturbed")
    drawn = iter(rng.sample(rows, 4 * PERTURBED_PER_KIND))
    for kind in ("typo", "casing", "noise", "injection"):
        for number in range(PERTURBED_PER_KIND):
            row = next(drawn)
            attack = attacks[number % len(attacks)] if kind == "injection" else None
            yield {
                "id": f"{row['id']}-{kind}",
                "base": row["id"],
                "kind": kind,
                "attack": attack["name"] if attack else "none",
                "lang": row["lang"],
                "topic": row["topic"],
                "question": _perturb(rng, kind, row, phrasings, attack),
                "expected": row["expected"],
                "marker": attack["marker"] if attack else None,
            }


def _perturb(rng, kind, row, phrasings, attack):
    message = row["question"]
    if kind == "typo":
        return typo(rng, message)
    if kind == "casing":
        return casing(rng, message)
    if kind == "noise":
        return noise(rng, message, phrasings[row["lang"]].lists["noise"])
    return attack["text"].replace("{question}", message)


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


def main():
    phrasings = {lang: read_phrasing(HERE / "phrasing" / f"{lang}.txt") for lang in QUESTIONS_PER_LANGUAGE}
    rows = []
    for lang, count in QUESTIONS_PER_LANGUAGE.items():
        check_expected(phrasings[lang], lang)
        rows += questions(lang, phrasings[lang], count)
    attacks = json.loads((HERE / "phrasing" / "attacks.json").read_text(encoding="utf-8"))
    (HERE / "suite").mkdir(exist_ok=True)
    write(HERE / "suite" / "questions.jsonl", rows)
    write(HERE / "suite" / "perturbed.jsonl", perturbed(rows, phrasings, attacks))


if __name__ == "__main__":
    main()
