"""Writes cases.csv: 120 questions, ten of each topic; the first of a topic is on the checklist."""

import csv

ASKED = [
    "{}?", "Hello, {}?", "Quick question: {}?", "{}? Thank you!", "I could not find it on the page: {}?",
    "My daughter wants to know: {}?", "{}? I ordered yesterday.", "Before I order, {}?", "Sorry to ask again, {}?",
    "{}? It is for a present.",
]
TOPICS = [
    ("how long do I have to return a parcel", "30 days"),
    ("who pays for sending a return back", "we pay"),
    ("can I return a sale item", "exchange"),
    ("when will my refund arrive", "5 working days"),
    ("how long does delivery take", "3 working days"),
    ("what does delivery abroad cost", "9 euros"),
    ("can I pay by invoice", "invoice"),
    ("how do I change my address", "settings"),
    ("can I cancel an order", "1 hour"),
    ("how long is the guarantee on a lamp", "2 years"),
    ("do you repair a broken lamp", "workshop"),
    ("how do I delete my account", "privacy"),
]

with open("cases.csv", "w", newline="", encoding="utf-8") as file:
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["question", "answer", "kind"])
    for topic, answer in TOPICS:
        for number, phrase in enumerate(ASKED):
            question = phrase.format(topic)
            rows.writerow([question[0].upper() + question[1:], answer, "open" if number else "checklist"])
