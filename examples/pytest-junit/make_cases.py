"""Writes cases.jsonl: 180 messages to a shop and the department that each belongs to."""

import json

DEPARTMENTS = {
    "billing": ["my invoice", "the amount on my bill", "a second debit on my card", "the VAT on invoice {}"],
    "delivery": ["my parcel {}", "the delivery of order {}", "a parcel at the neighbour's", "the courier of order {}"],
    "returns": ["sending back order {}", "the return label", "an exchange of shoes in size {}", "a refund for order {}"],
    "repairs": ["a broken lamp", "the guarantee on lamp {}", "a loose switch", "spare parts for lamp {}"],
    "account": ["my password", "the address in my account", "deleting account {}", "two accounts with one mail address"],
}
PHRASES = [
    "I have a question about {}.", "Please help me with {}.", "There is something wrong with {}.", "Who looks after {}?",
    "Nobody answers about {}!", "hello, {}, thanks", "URGENT: {}", "What do I do about {} when I am abroad?", "{}",
]

with open("cases.jsonl", "w", encoding="utf-8") as file:
    number = 0
    for department, subjects in DEPARTMENTS.items():
        for subject in subjects:
            for phrase in PHRASES:
                number += 1
                message = phrase.format(subject.format(1000 + 7 * number))
                row = {"id": f"{department}-{number:03}", "message": message, "department": department}
                file.write(json.dumps(row) + "\n")
