"""Masked words: what a publishing site blanked out (xxx, ××, 某某), restored where one word clearly wins.

``masks.json`` holds boosted trees over what the language model and the document say of the best word, trained by
``training/train_masks.py`` on clean passages in which words of the list, and names that must stay blank, were masked.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.lm.context import REACH
from pipeline.lm.tokens import BEGIN, END, tokenise
from pipeline.model import Edit
from pipeline.rules.reasons import times

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from pipeline.lm.candidates import CandidateTables
    from pipeline.lm.context import ContextVectors
    from pipeline.lm.model import LanguageModel
    from pipeline.lm.tokens import Tokens
    from pipeline.lm.trees import TreeModel

SHIPPED = Path(__file__).parent / "masks.json"
FEATURES = (
    *("belief", "share", "lead", "behind_any", "fit"),
    *(
        "closed",
        "usual_fit",
        "context",
        "masks",
        "standing",
        "word_length",
        "mask_length",
        "at_begin",
        "at_end",
        "beside_comma",
    ),
)
"""Names of the features, in the order of the columns; probabilities are log10."""
MASK = re.compile(
    r"(?<![xX])[xX]{2,4}(?![xX])|(?<![×✕])[×✕]{1,4}(?![×✕])|(?<!\*)\*{2,4}(?!\*)|(?<![□○])[□○]{2,4}(?![□○])|某某(?!某)"
)
UNSURE = 0.3  # the confidence of a mask that is only flagged
# What stands beside a year, a figure, a blank of a form or a name: never invented.
BEFORE = re.compile(r"(?:[0-9０-９A-Za-z_＿.%/＠@:：-]|第)\s*$")
AFTER = re.compile(
    r"[0-9０-９A-Za-z_＿.%/＠@:-]|"
    "年|月|日|号|元|万|亿|千|百|％|个|名|人次|户|家|次|点|时|分钟|天|周|季度|岁|届|期|级|班|"
    "省|市|县|区|镇|乡|村|路|街道|同志|先生|女士|小姐|老师|同学|老板|总经理|经理[：:，。、]|局长|书记|"
    "公司|集团|银行|大学|学院|中学|小学|医院|酒店|幼儿园|有限|股份|分行|支行|品牌|牌"
)
BESIDE = 3  # tokens on either side that a four-gram sees
GRAIN = 64
ROUNDS = 20
FAITH = 2.0  # masks
SPARE = 0.7  # masks taken off each word, so that few words stand behind all of them
STANDS = 2.0  # log10: what a word loses that also stands unmasked, for a filter hides it everywhere
LONGEST = 6  # characters looked at on either side
TOLD = 3  # Chinese characters there, other masks left out
HAN = re.compile("[\u4e00-\u9fff]")


class Slot(NamedTuple):
    """A mask (``start``, ``end`` count code points) and the word that fits best, with how far (log10) it leads."""

    start: int
    end: int
    word: str
    lead: float
    second: str


class MaskTable:
    """The words that may be masked: finds the masks of a text and what there is to say of them."""

    def __init__(
        self, words: Mapping[str, float], model: LanguageModel, tables: CandidateTables, vectors: ContextVectors
    ) -> None:
        """Compile ``words`` with their weights: how much likelier each is to be masked than a word of weight 1."""
        self.words = sorted(words)
        self.prior = np.log([words[word] for word in self.words])
        self._model, self._tables, self._vectors = model, tables, vectors
        self._alone = np.array([model.total(" ".join(word)) for word in self.words])

    def slots(self, text: str) -> tuple[list[Slot], NDArray[np.float32]]:
        """Return the masks that may stand for a word, and a row of :data:`FEATURES` for each."""
        places = [match.span() for match in MASK.finditer(text) if self.words and not _blank(text, *match.span())]
        if not places:
            return [], np.zeros((0, len(FEATURES)), np.float32)
        tokens = tokenise(text)
        scores, borders = self._scores(tokens, places)
        fit = scores[:, :, 0] - self._alone  # how common a word is in general says little of what a filter hides
        forms = [text[start:end] for start, end in places]
        standing = np.log1p([text.count(word) for word in self.words])
        belief, share = _believe(fit - STANDS * np.minimum(standing, 2), forms, self.prior)
        order = np.argsort(-np.round(belief, 6), axis=1, kind="stable")
        best, second, rows = order[:, 0], order[:, 1], np.arange(len(places))
        lead = fit[rows, best] - fit[rows, second]
        found = [
            Slot(start, end, self.words[one], float(gap), self.words[two])
            for (start, end), one, two, gap in zip(places, best.tolist(), second.tolist(), lead.tolist(), strict=True)
        ]
        count = np.array([forms.count(form) for form in forms])
        same = np.array(forms)[:, None] == np.array(forms)
        columns = [
            np.clip(np.log10(belief[rows, best] / belief[rows, second]), 0, 6),
            np.log10(np.maximum(share[rows, best], 1e-3)),
            np.clip(lead, -3, 6),
            np.clip(fit[rows, best] - fit.max(axis=1), -6, 0),
            np.clip(fit[rows, best], -6, 6),
            np.sort(share, axis=1)[:, -2:].sum(axis=1),
            np.clip(same @ fit[rows, best] / count, -6, 6),
            self._context(tokens, borders, best, second),
            *(np.log1p(count), standing[best], [len(slot.word) for slot in found], [len(form) for form in forms]),
            _around(tokens, borders),
        ]
        return found, (np.round(np.column_stack(columns) * GRAIN) / GRAIN).astype(np.float32)

    def _scores(
        self, tokens: Tokens, places: Sequence[tuple[int, int]]
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
        """Return for each mask and word (total, per token of the word, per token after it, worst, tokens); the borders."""
        symbols = tokens.symbols
        begins, ends = np.flatnonzero(tokens.codes == ord(BEGIN)), np.flatnonzero(tokens.codes == ord(END))
        first = np.searchsorted(tokens.offsets, [start for start, _ in places], "right") - 1
        last = np.searchsorted(tokens.offsets, [end - 1 for _, end in places], "right")
        begin, stop = begins[np.searchsorted(begins, first) - 1], ends[np.searchsorted(ends, last)]
        low, high = np.maximum(begin, first - BESIDE), np.minimum(last + BESIDE, stop + 1)
        windows, cuts, at = [], [], 0
        for a, b, c, d in zip(low.tolist(), first.tolist(), last.tolist(), high.tolist(), strict=True):
            head, tail = symbols[a:b], symbols[c:d]
            for word in self.words:
                windows.append(head + word + tail)
                start = at + len(head)
                cuts.append((start, start + len(word), start + len(word) + len(tail)))
                at = cuts[-1][2]
        logs = np.append(self._model.score("".join(windows))[0], 0).astype(np.float64)
        sums = np.append(0, np.cumsum(logs))
        start, middle, end = np.array(cuts).T
        total = sums[end] - sums[start]
        after = (sums[end] - sums[middle]) / np.maximum(end - middle, 1)
        worst = np.minimum.reduceat(logs, np.column_stack([start, end]).ravel())[::2]
        values = [total, (sums[middle] - sums[start]) / (middle - start), after, worst, end - start]
        return np.column_stack(values).reshape(len(places), len(self.words), -1), np.column_stack([first, last])

    def _context(
        self, tokens: Tokens, borders: NDArray[np.int64], best: NDArray[np.int64], second: NDArray[np.int64]
    ) -> NDArray[np.float64]:
        """Return how much better (cosine) the best word goes with the words of the sentence than the second."""
        numbers = self._tables.places(tokens.codes)
        begins, ends = np.flatnonzero(tokens.codes == ord(BEGIN)), np.flatnonzero(tokens.codes == ord(END))
        begin, stop = begins[np.searchsorted(begins, borders[:, 0]) - 1], ends[np.searchsorted(ends, borders[:, 1])]
        low, high = np.maximum(begin, borders[:, 0] - REACH), np.minimum(stop, borders[:, 1] + REACH)
        around, count = self._vectors.around(
            self._vectors.words(numbers),
            np.column_stack([low, borders[:, 1]]),
            np.column_stack([borders[:, 0] - 1, high]),
        )
        near = []
        for which in (best, second):
            pairs = [self._tables.places(np.array([ord(c) for c in self.words[n][-2:]], np.uint32)) for n in which]
            first, last = np.array(pairs).T
            near.append(self._vectors.nearest((first, last, np.zeros_like(last)), np.arange(len(which)), around))
        return np.where(count > 0, near[0] - near[1], 0.0)


def _believe(
    scores: NDArray[np.float64], forms: Sequence[str], prior: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return for each mask the probability of every word, and the share of the masks of its form that the word has.

    A filter hides few words, each all over the document: the shares of the words are estimated from all masks of one
    form together (expectation maximisation), from ``prior`` (natural logarithms), which counts for :data:`FAITH` masks.
    """
    start = np.exp(prior - prior.max())
    start /= start.sum()
    likelihood = np.exp(np.log(10) * (scores - scores.max(axis=1, keepdims=True)))
    belief, shares = np.zeros_like(scores), np.zeros_like(scores)
    for form in sorted(set(forms)):
        rows = np.array([n for n, other in enumerate(forms) if other == form])
        share = start
        for _ in range(ROUNDS):
            here = likelihood[rows] * share
            here /= here.sum(axis=1, keepdims=True)
            share = np.maximum(here.sum(axis=0) - SPARE, 0) + FAITH * start
            share /= share.sum()
        belief[rows], shares[rows] = here, share
    return np.maximum(belief, 1e-12), shares


def _around(tokens: Tokens, borders: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return whether a mask stands at the begin of its sentence, at the end, beside a comma."""
    before, after = tokens.codes[borders[:, 0] - 1], tokens.codes[borders[:, 1]]
    comma = ord("，")
    return np.column_stack([before == ord(BEGIN), after == ord(END), (before == comma) | (after == comma)]).astype(
        float
    )


def _blank(text: str, start: int, end: int) -> bool:
    """Tell whether a mask is a year, a figure, a name, a blank of a form, or has too little around it to be restored."""
    before, after = text[max(0, start - LONGEST) : start], text[end : end + LONGEST]
    said = HAN.findall(MASK.sub("", before.rpartition("\n")[2])) + HAN.findall(MASK.sub("", after.partition("\n")[0]))
    return len(said) < TOLD or bool(BEFORE.search(before) or AFTER.match(text, end))


class Masks:
    """Proposes the words behind masks."""

    def __init__(self, table: MaskTable, judge: TreeModel) -> None:
        self._table, self._judge = table, judge

    def propose(self, text: str) -> Iterator[Edit]:
        """Yield an edit (kind ``mask``) per mask that may stand for a word; one that no word wins is flagged only."""
        found, rows = self._table.slots(text)
        if not found:
            return
        for slot, probability in zip(found, self._judge.probability(rows).tolist(), strict=True):
            confidence = max(UNSURE, self._judge.confidence(probability))
            before = text[slot.start : slot.end]
            why = (
                f"{slot.word} fits {times(slot.lead)} as well as {slot.second}"
                if slot.lead > 0
                else (
                    f"{slot.second} fits {times(-slot.lead)} as well, but {slot.word} stands behind most of these masks"
                )
            )
            yield Edit(slot.start, slot.end, before, slot.word, "mask", "unmask.word", confidence, why)
