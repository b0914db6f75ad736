"""The pipeline: guard the message, read the prompt, retrieve, answer sentence by sentence."""

import time
from dataclasses import dataclass

from . import documents, prompt, text
from .guard import Guard
from .retrieval import Index

LANGUAGES = ("de", "en", "es")


@dataclass(frozen=True)
class Reply:
    """An answer and what it took. Times are measured, not modelled."""

    answer: str
    latency_ms: float
    time_to_first_token_ms: float
    tokens_in: int
    tokens_out: int


class Assistant:
    """One release of the assistant: a system prompt, an inference config, documents and words it must not repeat."""

    def __init__(self, prompt_source, config, documents_folder, blocked_words):
        self._prompt_source = prompt_source
        self._prompt_tokens = len(text.tokens(prompt_source))
        self._config = config
        self._guard = Guard(config["strip_patterns"], blocked_words if config["mask_blocked_words"] else [])
        self._indexes = {lang: self._index(documents_folder, lang) for lang in LANGUAGES}

    def _index(self, folder, lang):
        sections = documents.load(folder, lang)
        if self._config["answers_about_itself"]:
            prose = prompt.parse(self._prompt_source).prose
            sections += [
                documents.Section("assistant", f"about-{at}", "Assistant", line, "") for at, line in enumerate(prose)
            ]
        return Index(sections, lang, self._config["stem_length"], self._config["product_words"].get(lang, []))

    def reply(self, message, lang):
        """Answer one message, with the clock running from its arrival."""
        started = time.perf_counter()
        context, chunks = self._open(message, lang)
        answer, first_token_at = "", None
        for chunk in chunks:
            first_token_at = first_token_at or time.perf_counter()
            answer = f"{answer} {chunk}".strip()
        answer = text.truncate(answer, self._config["max_tokens"])
        finished = time.perf_counter()
        return Reply(
            answer=answer,
            latency_ms=(finished - started) * 1000,
            time_to_first_token_ms=((first_token_at or finished) - started) * 1000,
            tokens_in=self._prompt_tokens + sum(len(text.tokens(part)) for part in context),
            tokens_out=len(text.tokens(answer)),
        )

    def _open(self, message, lang):
        """The texts that are read besides the prompt, and the answer as a stream of sentences."""
        message = self._guard.clean(message)
        steering = prompt.parse(prompt.with_message(self._prompt_source, lang, message))
        index = self._indexes[lang]
        terms = index.query_terms(self._focus(message))
        hits = index.search(terms, self._config["top_k"], _required_document(steering, lang, message))
        context = [message] + [f"{hit.section.title}: {hit.section.body}" for hit in hits]
        return context, self._compose(message, lang, steering, terms, hits)

    def _focus(self, message):
        """Customers tell stories. The sentences that ask are what to search for, if there are any."""
        if not self._config["search_questions_only"]:
            return message
        asking = [sentence for sentence in text.sentences(message) if sentence.endswith("?")]
        return " ".join(asking) or message

    def _compose(self, message, lang, steering, terms, hits):
        def phrase(name, **values):
            found = steering.phrase(lang, name)
            for key, value in values.items():
                found = found.replace("{" + key + "}", value)
            return [found] if found else []

        section = next((hit.section for hit in hits if hit.coverage >= self._config["score_threshold"]), None)
        if section is None:
            yield from phrase("unknown", question=self._guard.mask(" ".join(message.split())))
        else:
            yield from phrase("opening", section=section.title)
            yield from self._best_sentences(lang, section, terms, int(steering.rules["sentences"]))
            if steering.is_on("cite the source"):
                yield from phrase("source", document=section.document, section=section.title)
        yield from phrase("closing")

    def _best_sentences(self, lang, section, terms, limit):
        """The sentences that fit the question best, in the order of the document."""
        ranked = sorted(
            enumerate(section.sentences),
            key=lambda numbered: (-self._indexes[lang].sentence_weight(numbered[1], terms), numbered[0]),
        )
        return [sentence for _, sentence in sorted(ranked[:limit])]


def _required_document(steering, lang, message):
    """The refund policy of the prompt: messages about money back are answered from one document only."""
    marks = [mark.strip() for mark in steering.rules.get(f"refund words {lang}", "").split(",") if mark.strip()]
    folded = text.fold(message)
    if any(text.fold(mark) in folded for mark in marks):
        return steering.rules.get("refund document")
    return None
