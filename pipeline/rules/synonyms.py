"""Spun synonyms: a table gives the candidates, the language model and the document's own habits decide.

A spinner replaces a word by a synonym wherever its characters stand, whatever the word borders, and the same way all
over a document: the word that stands there goes badly with its neighbours, and the word that would go well never occurs.
``synonyms.json`` holds boosted trees over this evidence, trained by ``training/train_synonyms.py`` on clean passages that
were spun with tables drawn at random.
"""

from __future__ import annotations

import math
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm.joined import Joined
from pipeline.lm.memory import Looked, Memory
from pipeline.lm.opinion import log_odds
from pipeline.model import Edit
from pipeline.rules.protection import Spans, quoted, verse
from pipeline.rules.reasons import times
from pipeline.search import Finder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from pipeline.lexicons.tables import Synonym, Words
    from pipeline.lm.context import SentenceContext
    from pipeline.lm.network import Network
    from pipeline.lm.scored import ScoredText, Scorer, Window
    from pipeline.lm.trees import TreeModel
    from pipeline.rules.protection import Protection

    Floats = NDArray[np.float32]
    Chances = NDArray[np.float64]
    Question = tuple[str, str, str, str]
    """What stands before a spun word, the word, its original, what stands after."""
    Place = tuple[int, int, Synonym]
    """Start and end (code points) of a spun word, and the pair that it belongs to."""

SHIPPED = Path(__file__).parent / "synonyms.json"
FEATURES = (
    *("gain", "gain_word", "gain_after", "before_mean", "after_mean", "before_worst", "after_worst"),
    *("spun_fit", "original_fit", "prior", "spun_word", "original_word", "spun_length", "original_length", "seen"),
    *("lead", "pair_lead", "spun_places", "pair_gain", "share", "share_seen", "places", "original_places"),
)
"""Names of the features, in the order of the columns; log10 where they are probabilities."""
OPINION = Path(__file__).parent / "synonyms_opinion.json"
ASKED_FEATURES = (*FEATURES, "odds", "hidden_gain", "spun_hidden", "original_hidden")
"""The same of the second judge, which also looks at the first one's log-odds and, in natural logarithms, at what the
network says of both words where it does not see which one stands there."""
OPEN, SETTLED = 1.0, 3.5
"""Log-odds of the first judge between which the network is asked: a fifth of what a spinner put there lies between, and its
bar is 3.2; of what lies below hardly any would be sure enough."""
QUESTIONS = 1 << 12  # remembered with their answers
BESIDE = 20  # characters on either side that it reads
GRAIN = 64  # features are kept in steps of 1 / GRAIN: the same on every machine
STRONG = 1.5  # log10: a gain of so much is a hint that the document is spun
DOUBTED = 20  # places that the expected share of hints counts for
USUAL = 0.02  # share of places in clean text with a strong gain
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


class SynonymOpinion:
    """The network with the judge of what it says of spun words."""

    def __init__(self, network: Network, judge: TreeModel) -> None:
        self._network, self._judge = network, judge
        self._heard: Memory[Question, tuple[float, ...]] = Memory(QUESTIONS)

    def chances(self, text: str, found: Sequence[Candidate], rows: Floats, first: Chances) -> Chances:
        """Return the probability of each candidate: the second judge's where the ``first`` one doubts."""
        odds = log_odds(first)
        doubted = np.flatnonzero((odds >= OPEN) & (odds < SETTLED))
        result = first.copy()
        if len(doubted):
            asked = [found[number] for number in doubted.tolist()]
            result[doubted] = self._judge.probability(self.rows(text, asked, rows[doubted], odds[doubted]))
        return result

    def rows(self, text: str, found: Sequence[Candidate], rows: Floats, odds: Chances) -> Floats:
        """Return a row of :data:`ASKED_FEATURES` for each candidate of a text."""
        said = np.zeros((len(found), len(ASKED_FEATURES) - len(FEATURES) - 1))
        questions = [
            (text[max(0, start - BESIDE) : start], *pair[:2], text[end : end + BESIDE])
            for (start, end, pair), _ in found
        ]
        said[:] = np.array(self._heard.of(questions, self._ask)).reshape(said.shape)
        table: Floats = (np.round(np.column_stack([rows, odds, said]) * GRAIN) / GRAIN).astype(np.float32)
        return table

    def _ask(self, questions: Sequence[Question]) -> Iterator[tuple[float, ...]]:
        for head, spun, original, tail in questions:
            stands, restored = self._network.likely(head, (spun, original), tail).tolist()
            yield restored - stands, stands, restored


class Synonyms:
    """Proposes the originals of spun words."""

    def __init__(
        self, table: SynonymTable, judge: TreeModel, protection: Protection, opinion: SynonymOpinion | None = None
    ) -> None:
        self._table, self._judge, self._protection, self._opinion = table, judge, protection, opinion
        self.looked = Looked(self._look)

    def _look(self, texts: Sequence[str]) -> Iterator[list[tuple[float, Candidate]]]:
        """Yield for each text its candidates that are worth showing, with their probabilities, likelier ones first."""
        each = self._table.candidates(texts)
        chances = self._judge.probability(np.concatenate([rows for _, rows in each]))
        at = 0
        for text, (found, rows) in zip(texts, each, strict=True):
            own = chances[at : at + len(found)]
            at += len(found)
            if self._opinion:
                own = self._opinion.chances(text, found, rows, own)
            judged = zip(own.tolist(), found, strict=True)
            worth = [row for row in judged if row[0] >= self._judge.suggest]
            yield sorted(worth, key=lambda row: (-row[0], row[1].place))

    def propose(self, text: str, decided: Sequence[tuple[int, int]] = ()) -> Iterator[Edit]:
        """Yield an edit (kind ``synonym``) per place that is worth showing; likelier ones first win a place."""
        found = self.looked.at(text)
        if not found:
            return
        taken, counts = Spans([*self._protection.spans(text), *decided]), dict[str, int]()
        for probability, ((start, end, pair), gain) in found:
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

    def __init__(self, pairs: Iterable[Synonym], scorer: Scorer, context: SentenceContext, words: Words) -> None:
        self._pairs = list(pairs)
        self._of: dict[str, list[int]] = defaultdict(list)
        for number, pair in enumerate(self._pairs):
            self._of[pair.spun].append(number)
        self._finder = Finder(sorted(self._of))
        self._standing = Finder(sorted({pair.original for pair in self._pairs}))
        standing = {word: number for number, word in enumerate(self._standing.strings)}
        self._original = np.array([standing[pair.original] for pair in self._pairs], np.int64)
        self._scorer, self._context = scorer, context
        alone = {word: scorer.model.total(" ".join(word)) for pair in self._pairs for word in pair[:2]}
        self._constant = np.array(
            [
                (
                    alone[pair.original] - alone[pair.spun],
                    math.log10(words.count(pair.spun) + 1),
                    math.log10(words.count(pair.original) + 1),
                    len(pair.spun),
                    len(pair.original),
                    pair.seen,
                )
                for pair in self._pairs
            ],
            np.float64,
        ).reshape(-1, 6)

    def candidates(self, texts: Sequence[str]) -> list[tuple[list[Candidate], NDArray[np.float32]]]:
        """Return for each text the best original of every place that gains by it, with a row of :data:`FEATURES` each."""
        joined = Joined(texts)
        hits = self._finder.find(joined.text, overlapping=True)
        if not hits:
            return [([], np.zeros((0, len(FEATURES)), np.float32)) for _ in texts]
        form, begin, end = np.array(hits, np.int64).T
        numbers = [self._of[self._finder.strings[at]] for at in form.tolist()]
        place = np.repeat(np.arange(len(hits)), [len(row) for row in numbers])
        pair = np.array([number for row in numbers for number in row])
        scored = self._scorer.read(joined.text)
        first, last = scored.numbers(begin, end)
        scores = self._scores(scored, first[place], last[place], pair)
        document = joined.owner(begin)
        habits = Habits(place, pair, scores[:, 0], form, document)
        kept = habits.best[scores[habits.best, 0] > LEAST_GAIN]
        at, document = place[kept], document[place[kept]]
        spans = np.column_stack([begin[at], end[at]]) - joined.starts[document][:, None]
        found = [
            Candidate((*span, self._pairs[which]), gain)
            for span, which, gain in zip(spans.tolist(), pair[kept].tolist(), scores[kept, 0].tolist(), strict=True)
        ]
        columns = [
            scores[kept],
            self._fit(scored, first[place[kept]], last[place[kept]], found),
            self._constant[pair[kept]],
            habits.columns(kept, self._constant[pair[habits.best], -1] > 0),
            np.log1p(self._counts(joined, self._original[pair[kept]], document)),
        ]
        rows = (np.round(np.column_stack(columns) * GRAIN) / GRAIN).astype(np.float32)
        return [(found[own], rows[own]) for _, own in joined.shares(begin[at])]

    def _scores(
        self, scored: ScoredText, first: NDArray[np.int64], last: NDArray[np.int64], pair: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return the first seven features of every place: what the model says of it before and after."""
        low, high = scored.windows(first, last)
        symbols = scored.symbols
        windows: dict[Window, int] = {}
        which = []
        rows = zip(low.tolist(), first.tolist(), last.tolist(), high.tolist(), pair.tolist(), strict=True)
        for a, b, c, d, number in rows:
            window = symbols[a:b], self._pairs[number].original, symbols[c:d]
            which.append(windows.setdefault(window, len(windows)))
        word, after, worst, size = (column[which] for column in self._scorer.score(list(windows)))
        word_before, after_before = scored.total(first, last), scored.total(last, high)
        gain_word, gain_after = word - word_before, after - after_before
        return np.column_stack(
            [
                gain_word + gain_after,
                gain_word,
                gain_after,
                (word_before + after_before) / (high - first),
                (word + after) / size,
                scored.worst(first, high),
                worst,
            ]
        )

    def _fit(
        self, scored: ScoredText, first: NDArray[np.int64], last: NDArray[np.int64], found: Sequence[Candidate]
    ) -> NDArray[np.float32]:
        """Return how well both words go with the rest of the sentence."""
        if not found:
            return np.zeros((0, 2), np.float32)
        around = self._context.around(scored, first, last)
        both = zip(*(place[2][:2] for place, _ in found), strict=True)
        return np.column_stack([self._context.fit(words, around) for words in both])

    def _counts(self, joined: Joined, originals: NDArray[np.int64], document: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return how often each of the originals, by number, stands in a text by itself."""
        stands = np.array(self._standing.find(joined.text, overlapping=True), np.int64).reshape(-1, 3)
        size = len(self._standing.strings)
        every = np.sort(joined.owner(stands[:, 1]) * size + stands[:, 0])
        wanted = document * size + originals
        return np.searchsorted(every, wanted, "right") - np.searchsorted(every, wanted, "left")


class Habits:
    """What documents do with their words. Rows are (place, pair); a place has as many as its word has originals."""

    def __init__(
        self,
        place: NDArray[np.int64],
        pair: NDArray[np.int64],
        gains: NDArray[np.float64],
        forms: NDArray[np.int64],
        documents: NDArray[np.int64],
    ) -> None:
        """Take place and pair of each row with its gain, and the number of each place's word and of its document."""
        self._place, self._document = place, documents
        self._form = np.unique(documents * (int(forms.max()) + 1) + forms, return_inverse=True)[1]
        self._gains = np.clip(gains, LOWEST, HIGHEST)
        own = documents[place] * (int(pair.max()) + 1) + pair
        _, self._which, self._count = np.unique(own, return_inverse=True, return_counts=True)
        self._total = np.bincount(self._which, self._gains)
        # A spinner puts one word for another everywhere.
        mean = (self._total / self._count)[self._which]
        score = gains + HABIT * mean
        order = np.lexsort((np.arange(len(place)), -score, place))
        firsts = np.flatnonzero(np.diff(place[order], prepend=-1))
        self.best = order[firsts]
        """The row of the best original of each place."""
        seconds = np.minimum(firsts + 1, len(order) - 1)
        rival = place[order[seconds]] == place[self.best]
        rival &= seconds > firsts
        lead = np.where(rival, score[self.best] - score[order[seconds]], FAR)
        self._lead = np.minimum(FAR, lead)
        self._pair_lead = np.clip(np.where(rival, mean[self.best] - self._rivals(mean), FAR), -FAR, FAR)
        self._strong = gains[self.best] > STRONG

    def _rivals(self, mean: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return for each best row the greatest mean gain of another original of its word."""
        others = np.ones(len(mean), bool)
        others[self.best] = False
        greatest = np.full(len(self.best), LOWEST)
        np.maximum.at(greatest, self._place[others], mean[others])
        return greatest

    def columns(self, kept: NDArray[np.int64], seen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """Return the habits for the best rows ``kept``; what the word itself says is left out of them.

        ``seen`` tells of every place whether its best pair is a known spinner's.
        """
        chosen = np.flatnonzero(np.isin(self.best, kept))
        form, document = self._form, self._document
        places, strong = np.bincount(form), np.bincount(form, self._strong)
        known = (np.bincount(form, seen) > 0)[form]
        own, mine, listed = strong[form[chosen]], places[form[chosen]], known[chosen]
        every, hints, known_places, known_hints = (
            np.bincount(document, weight)[document[chosen]]
            for weight in (np.ones(len(form)), self._strong, known, known & self._strong)
        )
        others = self._count[self._which[kept]] - 1
        return np.column_stack(
            [
                self._lead[chosen],
                self._pair_lead[chosen],
                np.log1p(mine),
                (self._total[self._which[kept]] - self._gains[kept]) / np.maximum(others, 1),
                _share(hints - own, every - mine),
                _share(known_hints - own * listed, known_places - mine * listed),
                np.log1p(every),
            ]
        )


def _share(hints: NDArray[np.float64], places: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return the share (natural logarithm) of places with a strong gain, drawn towards what is usual."""
    result: NDArray[np.float64] = np.log((hints + USUAL * DOUBTED) / (places + DOUBTED))
    return result
