"""Writes sums.jsonl: 150 sums in words and figures."""

import json
import random

draw = random.Random(3)
with open("sums.jsonl", "w", encoding="utf-8") as file:
    for number in range(150):
        left, right = draw.randrange(10, 100), draw.randrange(10, 10 ** (2 + number % 2))
        question = f"{left} + {right}" if number % 3 else f"What is {left} plus {right}?"
        file.write(json.dumps({"question": question, "left": left, "right": right, "answer": str(left + right)}) + "\n")
