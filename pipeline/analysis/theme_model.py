"""What a sample of the plans of a corpus teaches: phrases, factors, weights; and what that says of any plan.

Phrases are mined and factors fitted on a sample of the distinct plans (all of them, up to :data:`SAMPLE_CHARS`); then
every plan is counted and projected by itself. The sample goes by the plans' texts, sums by their order: neither the
order of the plans nor the number of workers matters.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from pipeline.analysis import factors, labels
from pipeline.analysis.names import Reading, name_plan
from pipeline.analysis.terms import count_terms, mine_phrases
from pipeline.analysis.vocabulary import Vocabulary, features

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

SAMPLE_CHARS = 2_500_000  # from which phrases are mined
FIT_CHARS = 1_000_000  # on which factors are fitted
PASSAGE = 150  # characters that a passage has at least; a plan holds several themes, a passage one
SHARD = 2_000  # plans described at once
NAMES = 5  # terms that name a plan
MANY_PASSAGES = 400  # from which a term must stand in two of them to be a column
MOST_FEATURES = 5_000  # columns on which factors are fitted
SURROGATES = "surrogatepass"
WORDS, NUMBERS = "words.json", "numbers.npz"


@dataclass(frozen=True, slots=True)
class Model:
    """What a sample of the plans taught: enough to describe any plan by itself, in any process.

    ``support``: see :func:`_support`.
    """

    vocabulary: Vocabulary
    weights: labels.Weights
    columns: NDArray[np.int64]
    factors: NDArray[np.float64]
    support: NDArray[np.float64]

    def save(self, folder: Path) -> None:
        """Write the model into a new folder."""
        folder.mkdir()
        (folder / WORDS).write_text(json.dumps(self.vocabulary.words()), encoding="utf-8")
        numbers = {**self.weights._asdict(), "columns": self.columns, "factors": self.factors, "support": self.support}
        np.savez(folder / NUMBERS, allow_pickle=False, **numbers)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Return the model that :meth:`save` has written."""
        vocabulary = Vocabulary(**json.loads((folder / WORDS).read_text(encoding="utf-8")))
        with np.load(folder / NUMBERS, allow_pickle=False) as numbers:
            weights = labels.Weights(numbers["idf"], numbers["rarity"])
            return cls(vocabulary, weights, *(numbers[name] for name in ("columns", "factors", "support")))


def learn(texts: Sequence[str]) -> Model:
    """Return the model of distinct texts; they stand in an order that does not depend on where they came from."""
    texts = _sample(texts, SAMPLE_CHARS)
    counts = count_terms(texts)
    phrases = mine_phrases(counts)
    least = 1 + counts.chars // 1_000_000
    vocabulary = Vocabulary(phrases, features(counts.words, least), counts.words)
    counted = sparse.csr_array(vocabulary.count(texts) @ vocabulary.parts)
    present = np.bincount(counted.indices, minlength=len(vocabulary))
    idf = np.log((1 + len(texts)) / (1 + present)) + 1
    weights = labels.Weights(idf, labels.rarity(vocabulary.terms))
    # The first line is the title, which says what kind of plan it is: all of a compilation would share that as a theme.
    bodies = [text.partition("\n")[2] or text for text in _sample(texts, FIT_CHARS)]
    cut = [list(passages_of(text)) for text in bodies]
    plan_of = np.repeat(np.arange(len(cut)), [len(passages) for passages in cut])
    rows = sparse.csr_array(vocabulary.count([passage for passages in cut for passage in passages]) @ vocabulary.parts)
    columns = _columns(rows, vocabulary)
    rows = _tfidf(rows[:, columns], idf[columns])
    told = np.flatnonzero(np.diff(rows.indptr))
    rows = rows[told]
    number = factors.choose_number(rows, len(bodies))
    fitted = factors.merged(factors.fit(rows, number)) if number else np.zeros((0, len(columns)))
    return Model(vocabulary, weights, columns, fitted, _support(rows, plan_of[told], fitted))


def _support(rows: sparse.csr_array, plan_of: NDArray[np.int64], fitted: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return themes × columns: the share of a theme's plans that have the term in a passage led by the theme."""
    support = np.zeros(fitted.shape)
    leading = factors.project(rows, fitted).argmax(axis=1) if len(fitted) else np.zeros(0, np.int64)
    for theme in range(len(fitted)):
        having = np.flatnonzero(leading == theme)
        plans, at = np.unique(plan_of[having], return_inverse=True)
        sums = sparse.csr_array((np.ones(len(having)), (at, having)), shape=(len(plans), rows.shape[0]))
        present = sparse.csr_array(sums @ rows)
        support[theme] = np.bincount(present.indices, minlength=rows.shape[1]) / max(1, len(plans))
    return support


def describe(texts: Sequence[str], model: Model) -> tuple[NDArray[np.float64], list[tuple[str, ...]]]:
    """Return texts × themes (see :class:`Themes`), and the terms that name each text; shards may go in any order."""
    weights: list[NDArray[np.float64]] = [np.zeros((0, len(model.factors)))]
    names: list[tuple[str, ...]] = []
    vocabulary = model.vocabulary
    for first in range(0, len(texts), SHARD):
        cut = [list(passages_of(text)) for text in texts[first : first + SHARD]]
        counted = vocabulary.count([passage for passages in cut for passage in passages])
        ends = np.cumsum([len(passages) for passages in cut])
        sums = sparse.csr_array((np.ones(ends[-1]), np.arange(ends[-1]), np.r_[0, ends]))
        rows = sparse.csr_array(sums @ counted @ vocabulary.parts)[:, model.columns]
        weights.append(factors.project(_tfidf(rows, model.weights.idf[model.columns]), model.factors))
        for at, (end, passages) in enumerate(zip(ends.tolist(), cut, strict=True), first):
            reading = Reading(texts[at], passages, counted[end - len(passages) : end])
            names.append(name_plan(reading, vocabulary, model.weights, NAMES))
    return np.concatenate(weights), names


def passages_of(text: str) -> Iterator[str]:
    """Yield the passages of a plan: whole lines, at least :data:`PASSAGE` characters each where there are as many."""
    held: list[str] = []
    size = 0
    for line in text.split("\n"):
        held.append(line)
        size += len(line)
        if size >= PASSAGE:
            yield "\n".join(held)
            held, size = [], 0
    if held:
        yield "\n".join(held)


def digest(text: str) -> int:
    """Return a number of 64 bits that says nothing about a text, to draw by."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", SURROGATES), digest_size=8).digest())


def draw(digests: NDArray[np.uint64], sizes: NDArray[np.int64], chars: int) -> NDArray[np.int64]:
    """Return the places, in order, of texts of about ``chars`` characters in all, drawn by their digests."""
    if sizes.sum() <= chars:
        return np.arange(len(sizes))
    order = np.argsort(digests, kind="stable")
    return np.sort(order[: 1 + np.searchsorted(np.cumsum(sizes[order]), chars)])


def _sample(texts: Sequence[str], chars: int) -> Sequence[str]:
    """Return texts of about ``chars`` characters in all, in the order given."""
    digests, sizes = (
        np.array([digest(text) for text in texts], np.uint64),
        np.array([len(text) for text in texts], np.int64),
    )
    return [texts[at] for at in draw(digests, sizes, chars)]


def _columns(rows: sparse.csr_array, vocabulary: Vocabulary) -> NDArray[np.int64]:
    """Return the columns that factors are fitted on: the most frequent names, no chance finds of large corpora."""
    present = np.bincount(rows.indices, minlength=rows.shape[1]) * vocabulary.names
    least = 2 if rows.shape[0] >= MANY_PASSAGES else 1
    order = np.argsort(-present, kind="stable")[:MOST_FEATURES]
    return np.sort(order[present[order] >= least])


def _tfidf(rows: sparse.csr_array, idf: NDArray[np.float64]) -> sparse.csr_array:
    """Return rows of length 1: logarithm of the counts times the inverse document frequency."""
    if not all(rows.shape):
        return rows
    scaler = TfidfTransformer(norm="l2", sublinear_tf=True)
    scaler.idf_ = idf
    return sparse.csr_array(scaler.transform(sparse.csr_matrix(rows)))
