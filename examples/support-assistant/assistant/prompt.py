"""The system prompt: prose for people, and `- name: value` lines that steer the program.

Like a language model, the assistant reads the prompt and the customer's message as ONE text in which later lines win.
That makes prompt injection a real risk here and not a simulated one; `guard.py` is the defence.
"""

import re
from dataclasses import dataclass, field

LANGUAGE = re.compile(r"^## (en|de|es)$")
DIRECTIVE = re.compile(r"^\s*- (?P<name>[\w ]+?)\s*: (?P<value>.+)$")


@dataclass
class Prompt:
    """What the prompt asks for: `rules` hold for every language, `phrases` are what a customer may read."""

    rules: dict = field(default_factory=dict)
    phrases: dict = field(default_factory=dict)
    prose: list = field(default_factory=list)

    def phrase(self, lang, name):
        return self.phrases.get((lang, name), "")

    def is_on(self, rule):
        return self.rules.get(rule, "no") == "yes"


def parse(source):
    """Read a prompt. Under a language heading a directive is a phrase of that language, elsewhere a rule."""
    prompt = Prompt()
    lang = None
    for line in source.splitlines():
        if line.startswith("#"):
            heading = LANGUAGE.match(line)
            lang = heading[1] if heading else None
            continue
        directive = DIRECTIVE.match(line)
        if directive and lang:
            prompt.phrases[lang, directive["name"]] = directive["value"].strip()
        elif directive:
            prompt.rules[directive["name"]] = directive["value"].strip()
        elif line.strip() and not lang:
            prompt.prose.append(line.strip())
    return prompt


def with_message(source, lang, message):
    """The one text that the assistant reads."""
    return f"{source}\n# Customer message\n## {lang}\n{message}\n"
