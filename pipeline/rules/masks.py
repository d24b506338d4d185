"""Masked words: what a publishing site blanked out (xxx, ××, 某某), restored where one word clearly wins.

``masks.json`` holds boosted trees over what the language model and the document say of the best word, trained by
``training/train_masks.py`` on clean passages in which words of the list, and names that must stay blank, were masked.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.lm.joined import Joined
from pipeline.lm.memory import Looked, Memory
from pipeline.lm.network import HIDDEN
from pipeline.lm.scored import score_windows
from pipeline.lm.tokens import BEGIN, END
from pipeline.model import Edit
from pipeline.rules.reasons import times

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from pipeline.lm.context import SentenceContext
    from pipeline.lm.network import Network
    from pipeline.lm.scored import ScoredText, Scorer
    from pipeline.lm.trees import TreeModel

SHIPPED = Path(__file__).parent / "masks.json"
WITH_NETWORK = Path(__file__).parent / "masks_network.json"
"""Trees over the features where the network has its say in them."""
FEATURES = (
    *("belief", "share", "hold", "lead", "behind_any", "model_lead", "behind_model", "fit", "closed", "usual_fit"),
    *("near", "topic", "topic_behind", "masks", "standing", "word_length", "mask_length"),
    *("at_begin", "at_end", "beside_comma"),
)
"""Names of the features, in the order of the columns; probabilities are log10."""
HEARD_FEATURES = (*FEATURES, "unlisted")
"""The same with the network: how far (natural log) the best word is behind what it thinks likeliest, listed or not."""
# It starts with a plain set, here and in other rules: the search then skips what cannot start a match (30 times as fast).
MASK = re.compile(
    r"""[xX×✕*□○某](?:
        (?<=[xX])(?<![xX].)[xX]{1,3}(?![xX])
      | (?<=[×✕])(?<![×✕].)[×✕]{0,3}(?![×✕])
      | (?<=\*)(?<!\*.)\*{1,3}(?!\*)
      | (?<=[□○])(?<![□○].)[□○]{1,3}(?![□○])
      | (?<=某)某(?!某)
    )""",
    re.VERBOSE,
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
GRAIN = 64
ROUNDS = 20
LIKELY, ALONE, NEAR, TOPIC = 0.75, -0.14, 0.6, 3.0
"""What counts for a word, in log10: the text with it, its own rarity, cosine to the sentence and to all masks'
sentences; a multinomial regression on masked clean text."""
FAITH = 2.0  # masks
WORTH = 2.0  # log10: what one more word behind the masks of a form must explain
FOREIGN = 4.0  # log10: a mask counts at most so much against a word: another may stand behind it
MOST_WORDS = 4  # behind the masks of one form
LN10 = math.log(10)
HEARD = 0.6 / LN10  # of what the network says (natural log) beside what the n-grams say (log10)
QUESTIONS = 1 << 10  # remembered with their answers
READ = 24  # characters on either side that the network reads
OPEN = 4  # words that fit best by all else: of others of their length it is asked, too
STANDS = 2.0  # log10: what a word loses that also stands unmasked: a filter hides it nearly everywhere
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


class Question(NamedTuple):
    """What stands before and after a mask, as far as the network reads it; the ``lengths`` of words it is asked of."""

    head: str
    lengths: tuple[int, ...]
    tail: str


class MaskTable:
    """The words that may be masked: finds the masks of a text and what there is to say of them."""

    def __init__(
        self, words: Mapping[str, float], scorer: Scorer, context: SentenceContext, network: Network | None = None
    ) -> None:
        """Compile ``words`` with their weights: how much likelier each is to be masked than a word of weight 1."""
        self._network = network
        self._heard: Memory[Question, NDArray[np.float64]] = Memory(QUESTIONS)
        self.words = sorted(words)
        self.prior = np.log10([words[word] for word in self.words])
        self._scorer, self._context = scorer, context
        self._alone = np.array([scorer.model.total(" ".join(word)) for word in self.words])

    def slots(self, texts: Sequence[str]) -> list[tuple[list[Slot], NDArray[np.float32]]]:
        """Return for each text the masks that may stand for a word, and a row of features for each.

        They are :data:`FEATURES` or, with the network, :data:`HEARD_FEATURES`.
        """
        joined = Joined(texts)
        spans = [
            (number, *match.span())
            for number, text in enumerate(texts)
            for match in MASK.finditer(text)
            if self.words and not _blank(text, *match.span())
        ]
        if not spans:
            width = len(HEARD_FEATURES if self._network else FEATURES)
            return [([], np.zeros((0, width), np.float32)) for _ in texts]
        document, start, end = np.array(spans, np.int64).T
        scored, shift = self._scorer.read(joined.text), joined.starts[document]
        first, last = scored.numbers(start + shift, end + shift)
        likely, heard = self._scores(scored, first, last), None
        near = self._context.fits(self.words, self._context.around(scored, first, last))
        if self._network:
            open_ = self._open(LIKELY * likely + ALONE * self._alone + NEAR * near + self.prior)
            questions = [
                Question(
                    _others_hidden(texts[n][max(0, low - READ) : low]),
                    own,
                    _others_hidden(texts[n][high : high + READ]),
                )
                for (n, low, high), own in zip(spans, open_, strict=True)
            ]
            heard = np.array(self._heard.of(questions, self._ask))
            likely += HEARD * heard[:, 0]
        forms = dict[tuple[int, str], int]()
        form = np.array([forms.setdefault((n, texts[n][low:high]), len(forms)) for n, low, high in spans])
        count = np.bincount(form)[form]
        topic = _means(near, form)
        counts = {n: np.log1p([texts[n].count(word) for word in self.words]) for n, _ in forms}
        standing = np.array([counts[n] for n, _ in forms])
        said = LIKELY * likely + ALONE * self._alone + NEAR * near + TOPIC * topic
        belief, share, hold = _believe(said, form, self.prior - STANDS * np.minimum(standing, 2))
        order = np.argsort(-np.round(belief, 6), axis=1, kind="stable")
        best, second, rows = order[:, 0], order[:, 1], np.arange(len(spans))
        lead = likely[rows, best] - likely[rows, second]
        found = [
            Slot(low, high, self.words[one], gap, self.words[two])
            for (_, low, high), one, two, gap in zip(spans, best.tolist(), second.tolist(), lead.tolist(), strict=True)
        ]
        fit = likely - self._alone  # how common a word is in general says little of what a filter hides
        columns = [
            np.clip(np.log10(belief[rows, best] / belief[rows, second]), 0, 6),
            np.log10(np.maximum(share[rows, best], 1e-3)),
            np.clip(hold[rows, best], 0, 12),
            np.clip(said[rows, best] - said[rows, second], -3, 6),
            np.clip(said[rows, best] - said.max(axis=1), -6, 0),
            np.clip(lead, -3, 6),
            np.clip(fit[rows, best] - fit.max(axis=1), -6, 0),
            np.clip(fit[rows, best], -6, 6),
            np.sort(share, axis=1)[:, -2:].sum(axis=1),
            np.clip(_means(fit[rows, best][:, None], form)[:, 0], -6, 6),
            near[rows, best] - near[rows, second],
            topic[rows, best] - topic[rows, second],
            topic[rows, best] - topic.max(axis=1),
            *(
                np.log1p(count),
                standing[form, best],
                [len(slot.word) for slot in found],
                end - start,
            ),
            _around(scored, first, last),
        ]
        if heard is not None:
            columns.append(np.clip(heard[rows, 1, best] - heard[rows, 0, best], 0, 20))
        table = (np.round(np.column_stack(columns) * GRAIN) / GRAIN).astype(np.float32)
        return [(found[own], table[own]) for _, own in joined.shares(start + shift)]

    def _scores(self, scored: ScoredText, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return for each mask and word how likely (log10) the text is with the word in its place."""
        symbols = scored.symbols
        windows: dict[tuple[str, str], int] = {}
        bounds = zip(*(column.tolist() for column in (*scored.windows(first, last), first, last)), strict=True)
        which = [windows.setdefault((symbols[a:c], symbols[d:b]), len(windows)) for a, b, c, d in bounds]
        every = [(head, word, tail) for head, tail in windows for word in self.words]
        scores = score_windows(self._scorer.model, every)
        return (scores.word + scores.after).reshape(len(windows), -1)[which]

    def _open(self, said: NDArray[np.float64]) -> list[tuple[int, ...]]:
        """Return for each mask the lengths of the words that fit best so far: the network is asked of no others."""
        best = np.argsort(-np.round(said, 6), axis=1, kind="stable")[:, :OPEN]
        return [tuple(sorted({len(self.words[word]) for word in row})) for row in best.tolist()]

    def _ask(self, questions: Sequence[Question]) -> Iterator[NDArray[np.float64]]:
        """Yield what the network says of each word behind a mask, and of the likeliest characters there.

        Words that it is not asked of are as unlikely as the unlikeliest of the others.
        """
        if not self._network:
            return
        for head, lengths, tail in questions:
            own = [number for number, word in enumerate(self.words) if len(word) in lengths]
            said = self._network.compared(head, [self.words[number] for number in own], tail)
            heard = np.repeat(said.min(axis=1)[:, None], len(self.words), axis=1)
            heard[:, own] = said
            yield heard


def _others_hidden(text: str) -> str:
    """Return the text as the network reads it: other masks are hidden words to it as well."""
    return MASK.sub(HIDDEN * 2, text)


def _means(values: NDArray[Any], group: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return for each row the mean of the rows of its group."""
    total = np.zeros((int(group.max()) + 1, values.shape[1]))
    np.add.at(total, group, values)
    return (total / np.bincount(group)[:, None])[group]


def _believe(
    scores: NDArray[np.float64], form: NDArray[np.int64], priors: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return for each mask the probability of every word, the word's share of the masks of its form, and its hold there.

    ``scores`` and ``priors``, a row for each form, are log10. A filter hides few words, each all over the document: words are taken one by one
    to stand behind the masks of a form as long as each explains them so much better than those before (:data:`WORTH`)
    that it is worth the trouble. A word's hold is how much worse (log10) the best set without it explains the masks.
    """
    belief, shares, holds = np.zeros_like(scores), np.zeros_like(scores), np.zeros_like(scores)
    for number, prior in enumerate(priors):
        rows = np.flatnonzero(form == number)
        start = 10 ** (prior - prior.max())
        start /= start.sum()
        evidence = np.maximum(scores[rows], scores[rows].max(axis=1, keepdims=True) - FOREIGN)
        chosen, worth = _hidden(evidence, prior, set())
        likelihood = 10 ** (scores[rows] - scores[rows].max(axis=1, keepdims=True))
        share = FAITH * start
        share[chosen] += len(rows) / len(chosen)
        for _ in range(ROUNDS):
            here = likelihood * share
            here /= here.sum(axis=1, keepdims=True)
            share = FAITH * start
            share[chosen] += here[:, chosen].sum(axis=0)
            share /= share.sum()
        belief[rows], shares[rows] = here, share
        for word in chosen:
            holds[rows, word] = worth - _hidden(evidence, prior, {word})[1]
    return np.maximum(belief, 1e-12), shares, holds


def _hidden(evidence: NDArray[np.float64], prior: NDArray[np.float64], barred: set[int]) -> tuple[list[int], float]:
    """Return the words that best explain all masks of a form, ``barred`` ones left out, and how well (log10) they do."""
    free = prior.copy()
    free[list(barred)] = -np.inf
    chosen: list[int] = []
    total, worth = np.full(len(evidence), -np.inf), -np.inf
    while len(chosen) < MOST_WORDS:
        together = np.logaddexp(total[:, None] * LN10, evidence * LN10) / LN10 - np.log10(len(chosen) + 1)
        gains = together.sum(axis=0) + free - WORTH * len(chosen)
        gains += prior[chosen].sum()
        best = int(np.argmax(np.round(gains, 6)))
        if best in chosen or gains[best] <= worth:
            break
        chosen, worth = [*chosen, best], float(gains[best])
        total = np.logaddexp(total * LN10, evidence[:, best] * LN10) / LN10
    return chosen, worth


def _around(scored: ScoredText, first: NDArray[np.int64], last: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return whether a mask stands at the begin of its sentence, at the end, beside a comma."""
    before, after = scored.tokens.codes[first - 1], scored.tokens.codes[last]
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
        self.looked = Looked(self._look)

    def _look(self, texts: Sequence[str]) -> Iterator[list[tuple[Slot, float]]]:
        """Yield for each text its masks with the probability of the word that fits best."""
        each = self._table.slots(texts)
        chances = iter(self._judge.probability(np.concatenate([rows for _, rows in each])).tolist())
        for found, _ in each:
            yield [(slot, next(chances)) for slot in found]

    def propose(self, text: str) -> Iterator[Edit]:
        """Yield an edit (kind ``mask``) per mask that may stand for a word; one that no word wins is flagged only."""
        for slot, probability in self.looked.at(text):
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
