"""Spun synonyms: a table gives the candidates, the language model and the document's own habits decide.

A spinner replaces a word by a synonym wherever its characters stand, whatever the word borders, and the same way all
over a document: the word that stands there goes badly with its neighbours, and the word that would go well never occurs.
``synonyms.json`` holds boosted trees over this evidence, trained by ``training/train_synonyms.py`` on clean passages that
were spun with tables drawn at random.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm.tokens import BEGIN, END, tokenise
from pipeline.lm.trees import TreeModel
from pipeline.model import Edit
from pipeline.rules.protection import Spans, quoted, verse
from pipeline.rules.reasons import times
from pipeline.search import Finder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.lexicons.tables import Synonym, Words
    from pipeline.lm.model import LanguageModel
    from pipeline.rules.protection import Protection

    Place = tuple[int, int, Synonym]
    """Start and end (code points) of a spun word, and the pair that it belongs to."""

SHIPPED = Path(__file__).parent / "synonyms.json"
FEATURES = (
    *("gain", "gain_word", "gain_after", "prior", "before_mean", "after_mean", "before_worst", "after_worst"),
    *("lead", "fluency", "spun_word", "original_word", "spun_length", "original_length"),
    *("spun_places", "original_places", "pair_gain", "share", "share_seen", "places", "seen"),
)
"""Names of the features, in the order of the columns; log10 where they are probabilities."""
BESIDE = 3  # tokens on either side that a four-gram sees
GRAIN = 64  # features are kept in steps of 1 / GRAIN: the same on every machine
STRONG = 1.5  # log10: a gain of so much is a hint that the document is spun
DOUBTED = 20  # places that the expected share of hints counts for
USUAL = 0.02  # share of places in clean text with a strong gain
SUREST = 5.0  # natural logarithms: log-odds beyond are not told apart
LOWEST, HIGHEST = -4.0, 6.0  # log10: gains beyond count as so much in a mean
HABIT = 0.7  # of the mean gain of a pair in the document, in the choice between originals
FAR = 4.0  # log10: the lead over the next best original where there is none
LEAST_GAIN = 0.0  # log10: what gains less is not looked at further


class Candidate(NamedTuple):
    """A place where a spun word stands and the original that it may stand for.

    ``gain`` is how much likelier (log10) the model finds the text with the original.
    """

    place: Place
    gain: float


class SynonymJudge(TreeModel):
    """Trees over :data:`FEATURES`, and how much the other places of a pair in the document count.

    A spinner is consistent: where most places of a pair are surely spun, the others are too.
    """

    def __init__(self, path: Path = SHIPPED) -> None:
        """Read ``path``; raises :class:`pipeline.errors.LexiconError` when it is damaged or made for other features."""
        super().__init__(path, FEATURES, "training/train_synonyms.py")
        self._agreement = [float(weight) for weight in self.stored["agreement"]]

    def judge(self, found: Sequence[Candidate], rows: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probability of each candidate, in the light of all of them."""
        odds = log_odds(self.probability(rows))
        own, others, intercept = self._agreement
        total = own * odds + others * agreement([place[2] for place, _ in found], odds) + intercept
        result: NDArray[np.float64] = 1 / (1 + np.exp(-total))
        return result


def log_odds(probability: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return log-odds (natural logarithms), held within ± :data:`SUREST`."""
    bounded = np.clip(probability, 1e-9, 1 - 1e-9)
    result: NDArray[np.float64] = np.clip(np.log(bounded / (1 - bounded)), -SUREST, SUREST)
    return result


def agreement(pairs: Sequence[Synonym], odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each place the mean log-odds of the other places of its pair, drawn towards 0 where they are few."""
    _, which = np.unique([f"{pair.spun} {pair.original}" for pair in pairs], return_inverse=True)
    total, count = np.bincount(which, odds)[which] - odds, np.bincount(which)[which] - 1
    result: NDArray[np.float64] = total / (count + 1)
    return result


class Synonyms:
    """Proposes the originals of spun words."""

    def __init__(self, table: SynonymTable, judge: SynonymJudge, protection: Protection) -> None:
        self._table, self._judge, self._protection = table, judge, protection

    def propose(self, text: str, decided: Sequence[tuple[int, int]] = ()) -> Iterator[Edit]:
        """Yield an edit (kind ``synonym``) per place that is worth showing; likelier ones first win a place."""
        found, rows = self._table.candidates(text)
        if not found:
            return
        taken, counts = Spans([*self._protection.spans(text), *decided]), dict[str, int]()
        judged = zip(self._judge.judge(found, rows).tolist(), found, strict=True)
        for probability, ((start, end, pair), gain) in sorted(judged, key=lambda row: (-row[0], row[1].place)):
            if probability < self._judge.suggest:
                break
            if quoted(text, start, end) or verse(text, start) or not taken.add(start, end):
                continue
            confidence = self._judge.confidence(probability)
            why = f"{pair.original} is {times(gain)} likelier here than {pair.spun}"
            counts |= {form: text.count(form) for form in pair[:2] if form not in counts}
            if counts[pair.spun] > 1:
                why += f"; of the two, the text has {pair.spun} {counts[pair.spun]} times, {counts[pair.original]} the other"
            yield Edit(start, end, pair.spun, pair.original, "synonym", "despin.synonym", confidence, why)


class SynonymTable:
    """The pairs, compiled: finds the candidates of a text and what there is to say of them."""

    def __init__(self, pairs: Iterable[Synonym], model: LanguageModel, words: Words) -> None:
        self._originals: dict[str, list[Synonym]] = defaultdict(list)
        for pair in pairs:
            self._originals[pair.spun].append(pair)
        self._finder = Finder(sorted(self._originals))
        self._standing = Finder(sorted({pair.original for rows in self._originals.values() for pair in rows}))
        self._model, self._words = model, words
        self._alone: dict[str, float] = {}

    def candidates(self, text: str) -> tuple[list[Candidate], NDArray[np.float32]]:
        """Return the best original of every place that gains by it, and a row of :data:`FEATURES` for each."""
        hits = self._finder.find(text, overlapping=True)
        places: list[Place] = [
            (start, end, pair) for number, start, end in hits for pair in self._originals[self._finder.strings[number]]
        ]
        if not places:
            return [], np.zeros((0, len(FEATURES)), np.float32)
        scores = self._scores(text, places)
        best, lead = _best(places, scores[:, 0] + HABIT * _means(places, scores[:, 0]))
        habits = self._habits(text, places, scores[:, 0], best)
        kept = best[scores[best, 0] > LEAST_GAIN]
        found = [Candidate(places[n], float(scores[n, 0])) for n in kept.tolist()]
        columns = [scores[kept], lead[kept], self._words_of(text, found), habits[kept]]
        rows = np.round(np.column_stack(columns) * GRAIN) / GRAIN if found else np.zeros((0, len(FEATURES)))
        return found, rows.astype(np.float32)

    def _scores(self, text: str, places: Sequence[Place]) -> NDArray[np.float64]:
        """Return the first eight features of every place: what the model says of the window before and after."""
        tokens = tokenise(text)
        symbols = tokens.symbols
        begins, ends = np.flatnonzero(tokens.codes == ord(BEGIN)), np.flatnonzero(tokens.codes == ord(END))
        # A border has the offset of the token after it, so the token itself is the last one with its offset.
        first = np.searchsorted(tokens.offsets, [start for start, _, _ in places], "right") - 1
        last = first + np.array([end - start for start, end, _ in places])
        begin, stop = begins[np.searchsorted(begins, first) - 1], ends[np.searchsorted(ends, last)]
        low, high = np.maximum(begin, first - BESIDE), np.minimum(last + BESIDE, stop + 1)
        windows: list[str] = []
        sizes: list[tuple[int, int, int]] = []
        known: dict[tuple[str, str, str], int] = {}
        rows = zip(places, low.tolist(), first.tolist(), last.tolist(), high.tolist(), strict=True)
        which = []
        for (_, _, pair), a, b, c, d in rows:
            head, tail = symbols[a:b], symbols[c:d]
            for form in pair[:2]:
                key = head, form, tail
                if key not in known:
                    known[key] = len(windows)
                    windows.append(head + form + tail)
                    sizes.append((len(head), len(form), len(tail)))
                which.append(known[key])
        values = _windows(self._model, windows, np.array(sizes))[np.array(which)].reshape(len(places), 2, -1)
        before, after = values[:, 0], values[:, 1]
        prior = np.array([self._prior(pair.original) - self._prior(pair.spun) for _, _, pair in places])
        gain_word, gain_after = after[:, 0] - before[:, 0], after[:, 1] - before[:, 1]
        return np.column_stack(
            [gain_word + gain_after, gain_word, gain_after, prior, before[:, 2], after[:, 2], before[:, 3], after[:, 3]]
        )

    def _prior(self, word: str) -> float:
        """Return the log10 probability of a word in no context."""
        if word not in self._alone:
            self._alone[word] = self._model.total(" ".join(word))
        return self._alone[word]

    def _words_of(self, text: str, found: Sequence[Candidate]) -> NDArray[np.float64]:
        """Return what the dictionary says: does the text fall into words better, how common are both words."""
        rows = []
        for (start, end, (spun, original, _)), _ in found:
            left, right = text[max(0, start - BESIDE) : start], text[end : end + BESIDE]
            fluency = self._words.fluency(left + original + right) - self._words.fluency(left + spun + right)
            rows.append(
                (
                    fluency,
                    math.log10(self._words.count(spun) + 1),
                    math.log10(self._words.count(original) + 1),
                    len(spun),
                    len(original),
                )
            )
        return np.array(rows, np.float64).reshape(len(found), 5)

    def _habits(
        self,
        text: str,
        places: Sequence[Place],
        gains: NDArray[np.float64],
        best: NDArray[np.int64],
    ) -> NDArray[np.float64]:
        """Return the document's habits for every place; what the place itself says is left out of them."""
        spun = Counter((start, end, pair.spun) for start, end, pair in places)
        stands = Counter(form for _, _, form in spun)
        originals = Counter(
            self._standing.strings[number] for number, _, _ in self._standing.find(text, overlapping=True)
        )
        totals: dict[Synonym, float] = defaultdict(float)
        counts: Counter[Synonym] = Counter()
        for (_, _, pair), gain in zip(places, np.clip(gains, LOWEST, HIGHEST).tolist(), strict=True):
            totals[pair] += gain
            counts[pair] += 1
        strong: Counter[str] = Counter(places[n][2].spun for n in best.tolist() if gains[n] > STRONG)
        known = {places[n][2].spun for n in best.tolist() if places[n][2].seen}
        hints, seen = sum(strong.values()), len(best)
        known_hints, known_seen = sum(strong[form] for form in known), sum(stands[form] for form in known)
        rows = []
        for (_, _, pair), gain in zip(places, np.clip(gains, LOWEST, HIGHEST).tolist(), strict=True):
            others = counts[pair] - 1
            mean = (totals[pair] - gain) / others if others else 0.0
            # The other words of the document tell whether it is spun, those of a known spinner above all.
            own, mine = strong[pair.spun], stands[pair.spun]
            listed = pair.spun in known
            rows.append(
                (
                    math.log1p(mine),
                    math.log1p(originals[pair.original]),
                    mean,
                    _share(hints - own, seen - mine),
                    _share(known_hints - own * listed, known_seen - mine * listed),
                    math.log1p(seen),
                    pair.seen,
                )
            )
        return np.array(rows, np.float64)


def _means(places: Sequence[Place], gains: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each place the mean gain of its pair in the document: a spinner puts one word for another everywhere."""
    _, which = np.unique([f"{pair.spun} {pair.original}" for _, _, pair in places], return_inverse=True)
    clipped = np.clip(gains, LOWEST, HIGHEST)
    result: NDArray[np.float64] = (np.bincount(which, clipped) / np.bincount(which))[which]
    return result


def _share(hints: int, places: int) -> float:
    """Return the share (natural logarithm) of places with a strong gain, drawn towards what is usual."""
    return math.log((hints + USUAL * DOUBTED) / (places + DOUBTED))


def _best(places: Sequence[Place], gains: NDArray[np.float64]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the index of the best original of each place, in order, and every one's lead over the best other."""
    rivals: dict[tuple[int, int], list[int]] = defaultdict(list)
    for n, (start, end, _) in enumerate(places):
        rivals[start, end].append(n)
    best, lead = [], np.full(len(places), FAR)
    for group in rivals.values():
        ranked = sorted(group, key=lambda n: (-gains[n], n))
        best.append(ranked[0])
        if len(ranked) > 1:
            lead[ranked[0]] = min(FAR, gains[ranked[0]] - gains[ranked[1]])
    return np.array(best), lead


def _windows(model: LanguageModel, windows: Sequence[str], sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each window the log10 probability of its word, of what follows, and mean and worst of both.

    ``sizes`` holds the tokens of each window before the word, of it, and after it.
    """
    logs = np.append(model.score("".join(windows))[0], 0).astype(np.float64)
    total = sizes.sum(axis=1)
    word = np.cumsum(total) - total + sizes[:, 0]
    tail, end = word + sizes[:, 1], word + sizes[:, 1] + sizes[:, 2]
    sums = np.append(0, np.cumsum(logs))
    worst = np.minimum.reduceat(logs, np.column_stack([word, end]).ravel())[::2]
    return np.column_stack(
        [sums[tail] - sums[word], sums[end] - sums[tail], (sums[end] - sums[word]) / (end - word), worst]
    )
