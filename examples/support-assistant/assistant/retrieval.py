"""BM25 over the sections of one language, with spelling correction against the words that the documents use."""

import math
from collections import Counter, defaultdict
from dataclasses import dataclass

from . import text

K1, B = 1.2, 0.6
TITLE_WEIGHT = 2
SHORTEST_CORRECTABLE = 4


@dataclass(frozen=True)
class Hit:
    """A section and how well it fits. `coverage` is the share of the question's weight that the section contains."""

    section: object
    score: float
    coverage: float


class Index:
    """An inverted index: term -> {section number: frequency}."""

    def __init__(self, sections, lang, stem_length, neutral_words=()):
        self.sections = sections
        self._lang = lang
        self._stem_length = stem_length
        self._neutral_words = frozenset(map(text.fold, neutral_words))
        self._postings = defaultdict(dict)
        self._lengths = []
        self._word_counts = Counter()
        for number, section in enumerate(sections):
            self._add(number, section)
        self._mean_length = sum(self._lengths) / len(self._lengths)
        self._idf = {term: self._inverse_frequency(len(found)) for term, found in self._postings.items()}
        self._unknown_idf = self._inverse_frequency(0)
        self._deletions = self._index_deletions()

    def _add(self, number, section):
        content = " ".join([section.body, section.keywords] + [section.title] * TITLE_WEIGHT)
        found = text.content_words(content, self._lang)
        self._word_counts.update(found)
        self._lengths.append(len(found))
        for term, count in Counter(map(self._stem, found)).items():
            self._postings[term][number] = count

    def _stem(self, word):
        """Cutting words short is a crude stemmer that serves all three languages (and German compounds)."""
        return word[: self._stem_length]

    def _inverse_frequency(self, count):
        return math.log(1 + (len(self.sections) - count + 0.5) / (count + 0.5))

    def _index_deletions(self):
        """word with one letter missing -> known words; finds every word at edit distance one, and swapped letters.

        Function words are known too, so that "plaese" is dropped like "please" and does not count as unknown.
        """
        deletions = defaultdict(set)
        for word in [*self._word_counts, *self._neutral_words, *text.FOLDED_STOP_WORDS[self._lang]]:
            for shorter in {word, *_without_one_letter(word)}:
                deletions[shorter].add(word)
        return deletions

    def query_terms(self, question):
        """The stems of a question after spelling correction, each once, in order."""
        corrected = " ".join(self._corrected(word) for word in text.content_words(question, self._lang))
        found = (word for word in text.content_words(corrected, self._lang) if word not in self._neutral_words)
        return list(dict.fromkeys(map(self._stem, found)))

    def _corrected(self, word):
        if len(word) < SHORTEST_CORRECTABLE or word in self._neutral_words or self._stem(word) in self._postings:
            return word
        candidates = set()
        for shorter in {word, *_without_one_letter(word)}:
            candidates |= self._deletions.get(shorter, set())
        return max(sorted(candidates), key=self._word_counts.__getitem__, default=word)

    def search(self, terms, top_k, document=None):
        """The `top_k` best sections, best first; only those of `document` where one is given."""
        scores = defaultdict(float)
        weights = defaultdict(float)
        for term in terms:
            idf = self._idf.get(term, 0.0)
            for number, count in self._postings.get(term, {}).items():
                scores[number] += idf * self._saturated(count, self._lengths[number])
                weights[number] += idf
        total = sum(self._idf.get(term, self._unknown_idf) for term in terms) or 1.0
        hits = [
            Hit(self.sections[number], score, weights[number] / total)
            for number, score in scores.items()
            if document is None or self.sections[number].document == document
        ]
        return sorted(hits, key=lambda hit: (-hit.score, hit.section.key))[:top_k]

    def _saturated(self, count, length):
        return count * (K1 + 1) / (count + K1 * (1 - B + B * length / self._mean_length))

    def sentence_weight(self, sentence, terms):
        """How much of the question one sentence of a section answers."""
        stems = set(map(self._stem, text.content_words(sentence, self._lang)))
        return sum(self._idf.get(term, 0.0) for term in terms if term in stems)


def _without_one_letter(word):
    return {word[:at] + word[at + 1 :] for at in range(len(word))}
