"""Recurring themes over the plans of a corpus, and the terms that name each plan.

Phrases are mined and factors fitted on a sample of the distinct plans (all of them, up to :data:`SAMPLE_CHARS`); then
every plan is counted and projected by itself. The sample goes by the plans' texts, sums by their order: neither the
order of the plans nor the number of workers matters.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfTransformer

from pipeline.analysis import factors, labels
from pipeline.analysis.names import Reading, name_plan
from pipeline.analysis.terms import count_terms, mine_phrases
from pipeline.analysis.vocabulary import Vocabulary, features

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

SAMPLE_CHARS = 2_500_000  # from which phrases are mined
FIT_CHARS = 1_000_000  # on which factors are fitted
PASSAGE = 150  # characters that a passage has at least; a plan holds several themes, a passage one
SHARD = 2_000  # plans described at once
NAMES = 5  # terms that name a plan
TERMS = 10  # terms of a theme
SENTENCES = 3  # sentences of a theme
SHOWN_PLANS = 20  # plans with most of a theme, whose sentences are looked at
PRESENT = 0.1  # weight from which a plan has a theme; it always has its strongest one
MANY_PASSAGES = 400  # from which a term must stand in two of them to be a column
MOST_FEATURES = 5_000  # columns on which factors are fitted
SURROGATES = "surrogatepass"


class Plan(NamedTuple):
    """A plan of the corpus: ``section`` of the document ``doc_id``; offsets count in ``text``."""

    doc_id: str
    section: int
    title: str
    text: str


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


def find_themes(plans: Sequence[Plan], counts_once: Sequence[bool] | None = None) -> Themes:
    """Return the themes of the plans; ``counts_once`` is False for a plan that is a copy of another.

    A copy gets weights and names like every plan, but teaches nothing and is in no count.
    """
    once = np.ones(len(plans), bool) if counts_once is None else np.array(counts_once, bool)
    model = learn_from(plans, once)
    weights, names = describe([text_of(plan) for plan in plans], model)
    return gather(plans, once, model, weights, names)


def learn_from(plans: Sequence[Plan], once: NDArray[np.bool_]) -> Model:
    """Return the model of the plans that count."""
    return learn([text_of(plans[at]) for at in _order(plans) if once[at]])


def gather(
    plans: Sequence[Plan],
    once: NDArray[np.bool_],
    model: Model,
    weights: NDArray[np.float64],
    names: Sequence[tuple[str, ...]],
) -> Themes:
    """Return the themes of plans that :func:`describe` has described, all of them, in their order."""
    return Themes(*_themes(plans, once, model, weights), tuple(names))


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


def _themes(
    plans: Sequence[Plan],
    once: NDArray[np.bool_],
    model: Model,
    weights: NDArray[np.float64],
) -> tuple[tuple[Theme, ...], NDArray[np.float64]]:
    """Return the themes that a distinct plan has, and all plans' weights of them."""
    vocabulary = model.vocabulary
    full = np.zeros((len(model.factors), len(vocabulary)))
    full[:, model.columns] = model.factors
    support = np.zeros_like(full)
    support[:, model.columns] = model.support
    present = weights >= np.minimum(PRESENT, np.maximum(weights.max(axis=1, keepdims=True, initial=0), 1e-9))
    present[~once] = False
    spread = present.sum(axis=0)
    names_of = labels.label_themes(full, support, vocabulary, model.weights)
    found = sorted(np.flatnonzero(spread).tolist(), key=lambda at: (-spread[at], names_of[at], at))
    order = _order(plans)
    themes = []
    for number, at in enumerate(found, 1):
        having = [plan for plan in order if present[plan, at]]
        leading = np.argsort(-np.round(full[at], 9), kind="stable")[:TERMS]
        shown = sorted(having, key=lambda plan: -round(weights[plan, at], 6))[:SHOWN_PLANS]
        theme = Theme(
            theme_id=number,
            label=names_of[at],
            terms=tuple(vocabulary.terms[column] for column in leading if full[at, column] > 0),
            sentences=_best_sentences([plans[plan] for plan in shown], full[at], vocabulary),
            n_sections=len(having),
            n_documents=len({plans[plan].doc_id for plan in having}),
        )
        themes.append(theme)
    return tuple(themes), factors.normalised(weights[:, found])


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


def _order(plans: Sequence[Plan]) -> list[int]:
    """Return the places of the plans, sorted by what they say: the order given does not matter."""
    return sorted(range(len(plans)), key=lambda at: (plans[at].title, plans[at].text, plans[at][:2]))


def text_of(plan: Plan) -> str:
    """Return what is read of a plan: its title and its text."""
    return plan.text if plan.text.startswith(plan.title) else f"{plan.title}\n{plan.text}"


def _sample(texts: Sequence[str], chars: int) -> Sequence[str]:
    """Return texts of about ``chars`` characters in all, drawn by their digests, in the order given."""
    if sum(map(len, texts)) <= chars:
        return texts
    digests = [hashlib.blake2b(text.encode("utf-8", SURROGATES), digest_size=8).digest() for text in texts]
    drawn: list[int] = []
    for at in sorted(range(len(texts)), key=digests.__getitem__):
        drawn.append(at)
        chars -= len(texts[at])
        if chars <= 0:
            break
    return [texts[at] for at in sorted(drawn)]


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
