"""The help centre: markdown documents cut into sections, one fact or two in each."""

import re
from dataclasses import dataclass

from . import text

HEADING = re.compile(r"^## (?P<title>.+?) \{#(?P<anchor>[a-z-]+)\}$")


@dataclass(frozen=True)
class Section:
    """One answerable piece of a document. `keywords` help to find it and are never shown."""

    document: str
    anchor: str
    title: str
    body: str
    keywords: str

    @property
    def key(self):
        return f"{self.document}/{self.anchor}"

    @property
    def sentences(self):
        return text.sentences(self.body)


def load(folder, lang):
    """Every section of a language, in file and reading order."""
    return [section for path in sorted((folder / lang).glob("*.md")) for section in _sections(path)]


def _sections(path):
    found = []
    title = anchor = None
    lines = []
    for line in [*path.read_text(encoding="utf-8").splitlines(), "## end {#end}"]:
        heading = HEADING.match(line)
        if not heading:
            lines.append(line)
            continue
        if anchor:
            found.append(_section(path.stem, anchor, title, lines))
        title, anchor, lines = heading["title"], heading["anchor"], []
    return found


def _section(document, anchor, title, lines):
    keywords = " ".join(line.partition(":")[2] for line in lines if line.startswith("Keywords:"))
    body = " ".join(line for line in lines if line and not line.startswith("Keywords:"))
    return Section(document, anchor, title, body, keywords.strip())
