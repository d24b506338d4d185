"""Recurring themes over the plans of a corpus, and the terms that name each plan.

A model (:mod:`pipeline.analysis.theme_model`) describes plans shard by shard; how many plans have a theme, and which
show it best, is counted up over the shards.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse

from pipeline.analysis import factors, labels
from pipeline.analysis.theme_model import Model, describe, digest, learn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from pipeline.analysis.vocabulary import Vocabulary

TERMS = 10  # terms of a theme
SENTENCES = 3  # sentences of a theme
SHOWN_PLANS = 20  # plans with most of a theme, whose sentences are looked at
PRESENT = 0.1  # weight from which a plan has a theme; it always has its strongest one


class Plan(NamedTuple):
    """A plan of the corpus: ``section`` of the document ``doc_id``; offsets count in ``text``."""

    doc_id: str
    section: int
    title: str
    text: str

    @property
    def read(self) -> str:
        """What is read of a plan: its title and its text."""
        return self.text if self.text.startswith(self.title) else f"{self.title}\n{self.text}"

    @property
    def rank(self) -> tuple[str, str, str, int]:
        """By which plans are sorted: what they say comes first, so that the order given does not matter."""
        return self.title, self.text, self.doc_id, self.section


class Sentence(NamedTuple):
    """A sentence that shows a theme: ``text`` is the plan's text from ``start`` to ``end``."""

    doc_id: str
    section: int
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme: ``theme_id`` from 1, ``terms`` strongest first; distinct plans and documents that have it."""

    theme_id: int
    label: str
    terms: tuple[str, ...]
    sentences: tuple[Sentence, ...]
    n_sections: int
    n_documents: int


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes of a corpus, the most frequent first.

    ``weights``: plans × themes in the order of the plans given; a row sums to 1, or to 0 for a plan without terms.
    ``names``: for each plan what names it, best first.
    """

    themes: tuple[Theme, ...]
    weights: NDArray[np.float64]
    names: tuple[tuple[str, ...], ...]


def find_themes(plans: Sequence[Plan], counts_once: Sequence[bool] | None = None) -> Themes:
    """Return the themes of the plans; ``counts_once`` is False for a plan that is a copy of another.

    A copy gets weights and names like every plan, but teaches nothing and is in no count.
    """
    once = np.ones(len(plans), bool) if counts_once is None else np.array(counts_once, bool)
    model = learn_from(plan for plan, counts in zip(plans, once, strict=True) if counts)
    weights, names = describe([plan.read for plan in plans], model)
    tally = Tally(model, plans.__getitem__)
    tally.add(see(plans, once, weights))
    themes, found = tally.themes()
    return Themes(themes, factors.normalised(weights[:, found]), tuple(names))


def learn_from(plans: Iterable[Plan]) -> Model:
    """Return the model of plans that count, in whatever order they come."""
    return learn([plan.read for plan in sorted(plans, key=lambda plan: plan.rank)])


class Seen(NamedTuple):
    """Which plans of a shard have which themes: ``present``, plans × themes; ``documents`` are digests of their names.

    ``best``: of each theme the plans with most of it that count, as (minus the weight, number of the plan).
    """

    present: NDArray[np.bool_]
    documents: NDArray[np.uint64]
    best: list[list[tuple[float, int]]]


def see(plans: Sequence[Plan], once: NDArray[np.bool_], weights: NDArray[np.float64], first: int = 0) -> Seen:
    """Return which of some plans, numbered from ``first``, have the themes, copies left out."""
    present = weights >= np.minimum(PRESENT, np.maximum(weights.max(axis=1, keepdims=True, initial=0), 1e-9))
    present[~once] = False
    best = []
    for theme in range(weights.shape[1]):
        ranked = (
            (-round(float(weights[at, theme]), 6), plans[at].rank, at)
            for at in np.flatnonzero(present[:, theme]).tolist()
        )
        best.append([(weight, first + at) for weight, _, at in heapq.nsmallest(SHOWN_PLANS, ranked)])
    return Seen(present, np.array([digest(plan.doc_id) for plan in plans], np.uint64), best)


class Tally:
    """The themes of a model counted up over shards of plans; ``plan_of`` gives a plan by its number."""

    def __init__(self, model: Model, plan_of: Callable[[int], Plan]) -> None:
        self._model, self._plan_of = model, plan_of
        self._present = [np.zeros((0, -(-len(model.factors) // 8)), np.uint8)]  # eight themes in a byte
        self._documents = [np.zeros(0, np.uint64)]
        self._best: list[list[tuple[float, tuple[str, str, str, int], Plan]]] = [[] for _ in model.factors]

    def add(self, seen: Seen) -> None:
        """Count some more plans, which follow those before."""
        self._present.append(np.packbits(seen.present, axis=1))
        self._documents.append(seen.documents)
        for theme, new in enumerate(seen.best):
            old = self._best[theme]
            worst = old[-1][0] if len(old) == SHOWN_PLANS else 0.0
            plans = ((weight, self._plan_of(number)) for weight, number in new if weight <= worst)
            ranked = [(weight, plan.rank, plan) for weight, plan in plans]
            self._best[theme] = heapq.nsmallest(SHOWN_PLANS, [*old, *ranked])

    def themes(self) -> tuple[tuple[Theme, ...], list[int]]:
        """Return the themes that a plan has, the most frequent first, and which factors of the model they are."""
        vocabulary = self._model.vocabulary
        full, support = (self._widened(part) for part in (self._model.factors, self._model.support))
        present, documents = np.concatenate(self._present), np.concatenate(self._documents)
        having = [np.flatnonzero(present[:, at >> 3] & (0x80 >> (at & 7))) for at in range(len(full))]
        names_of = labels.label_themes(full, support, vocabulary, self._model.weights)
        found = [at for at, plans in enumerate(having) if len(plans)]
        found.sort(key=lambda at: (-len(having[at]), names_of[at], at))
        themes = []
        for number, at in enumerate(found, 1):
            leading = np.argsort(-np.round(full[at], 9), kind="stable")[:TERMS]
            theme = Theme(
                theme_id=number,
                label=names_of[at],
                terms=tuple(vocabulary.terms[column] for column in leading if full[at, column] > 0),
                sentences=_best_sentences([plan for _, _, plan in self._best[at]], full[at], vocabulary),
                n_sections=len(having[at]),
                n_documents=len(np.unique(documents[having[at]])),
            )
            themes.append(theme)
        return tuple(themes), found

    def _widened(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return themes × all terms from themes × the model's columns."""
        full = np.zeros((len(rows), len(self._model.vocabulary)))
        full[:, self._model.columns] = rows
        return full


def _best_sentences(plans: Sequence[Plan], factor: NDArray[np.float64], vocabulary: Vocabulary) -> tuple[Sentence, ...]:
    """Return the sentences with most of a factor per square root of their length, no text twice."""
    found = [
        Sentence(plan.doc_id, plan.section, start, end, plan.text[start:end])
        for plan in plans
        for start, end in labels.sentences_of(plan.text)
    ]
    found = list({sentence.text: sentence for sentence in reversed(found)}.values())[::-1]
    rows = sparse.csr_array(vocabulary.count([sentence.text for sentence in found]) @ vocabulary.parts)
    rows.data[:] = 1.0
    lengths = np.sqrt([len(sentence.text) for sentence in found])
    scores = np.round(np.asarray(rows @ factor) / np.maximum(lengths, 4.0), 9)
    best = np.argsort(-scores, kind="stable")[:SENTENCES]
    return tuple(found[at] for at in best if scores[at] > 0)
