"""What is done to a customer's message before anything else reads it."""

import re
import unicodedata


class Guard:
    """Removes what the inference config calls an attack, and masks words that must not be repeated."""

    def __init__(self, patterns, blocked_words):
        self._patterns = [re.compile(pattern, re.IGNORECASE | re.MULTILINE) for pattern in patterns]
        alternatives = "|".join(re.escape(word) for word in sorted(blocked_words, key=len, reverse=True))
        self._blocked = re.compile(rf"\b(?:{alternatives})\b", re.IGNORECASE) if blocked_words else None

    def clean(self, message):
        message = unicodedata.normalize("NFKC", message)
        for pattern in self._patterns:
            message = pattern.sub(" ", message)
        return message.strip()

    def mask(self, message):
        return self._blocked.sub("…", message) if self._blocked else message


def read_wordlist(path):
    """One word a line; `#` starts a comment."""
    lines = (line.partition("#")[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]
