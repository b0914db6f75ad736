"""The router of a shop: the first department one of whose words is in the message."""

import json


class Router:
    def __init__(self, rules):
        with open(rules, encoding="utf-8") as file:
            self.rules = json.load(file)

    def department(self, message):
        text = message.lower()
        return next((name for name, words in self.rules.items() if any(word in text for word in words)), "office")
