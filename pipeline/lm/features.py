"""Features: what the acceptance model looks at to tell a true correction from a false one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.lm.candidates import KINDS
from pipeline.lm.context import GAP, REACH
from pipeline.lm.proposals import FAR, replaced
from pipeline.lm.scored import UNIT, exact_sums
from pipeline.lm.tokens import BEGIN, COMMAS, END

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pipeline.lm.candidates import CandidateTables
    from pipeline.lm.context import ContextVectors
    from pipeline.lm.model import LanguageModel
    from pipeline.lm.proposals import Found, Proposal
    from pipeline.lm.tokens import Tokens

SAME_TONE, SAME_SYLLABLE = KINDS.index("sound"), KINDS.index("syllable")
LONG, MANY = 200, 40  # a sentence of more tokens, of more doubtful ones, is like one of so many
GRAIN = 64  # features are kept in steps of 1 / GRAIN: the same on every machine
BESIDE = 4  # characters of the line looked at on either side
LONGEST_WORD = 4
MANY_WORDS = 20  # more known words in a sentence count as so many
CONTEXT = 6  # tokens on either side that tell how well the model knows this kind of text
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许邓冯韩曹曾彭萧肖蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔"
    "谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严覃武莫孔向汤"
)
FOREIGN = frozenset(
    "阿埃艾安昂奥巴拜班邦保贝本比彼波伯勃博布查达戴道德登迪蒂丁杜顿多厄恩尔法菲费芬弗福夫盖甘冈高戈格古哈海汉赫亨胡华霍"
    "基吉加贾杰金卡凯坎考柯科可克肯库奎拉莱赖兰朗劳勒雷黎里利莉林琳卢鲁伦罗洛马麦曼梅门蒙米密明莫姆穆纳内尼涅宁纽努诺欧"
    "帕潘佩彭皮平普齐奇恰乔切热日荣萨塞桑瑟森沙莎山圣史斯丝苏索塔泰坦汤唐特提托瓦万韦维温沃乌武西希锡夏香谢辛休叙雅亚扬"
    "耶伊易因尤约泽扎詹珍朱兹佐"
)
PEOPLE: tuple[str, ...] = (
    *("同志", "先生", "女士", "老师", "教授", "主任", "书记", "医生", "护士", "师傅", "经理", "记者", "主席", "总统"),
    *("总理", "部长", "市长", "县长", "局长", "院长", "校长"),
)
TITLES = frozenset(PEOPLE).union("说等市县镇乡村区省州路街河江山湖岛")
"""What stands after a name."""
HABITS = dict.fromkeys("的地得", 1) | dict.fromkeys("他她它", 2)
HABITS |= dict.fromkeys("在再做作以已像象向和合那哪是事有又即既坐座带戴须需份分位为相定订帐账", 3)
"""Characters that writers of all kinds confuse, by class: these are habits, not damage."""
FEATURES = (
    *("gain", "gain_span", "gain_after", "cost", "before_mean", "after_mean", "before_worst", "after_worst"),
    *("before_order", "before_order_mean", "after_order", "after_order_mean"),
    *("changed", "span", "kind", "likeness", "same_sound", "before_unigram", "after_unigram", "lead"),
    *(
        "word_before",
        "word_before_length",
        "word_after",
        "word_after_length",
        "fluency_gain",
        "name_before",
        "name_after",
    ),
    *("known", "known_order", "left_before", "left_after", "right_before", "right_after"),
    *("surname", "foreign", "title", "habit", "quoted", "beside_comma", "beside_edge", "beside_other"),
    *("context_before", "context_after", "context_gain", "context_words"),
    *("sentence", "doubts", "best_path"),
)
"""Names of the features, in the order of the columns."""


class WordList(NamedTuple):
    """What the features ask of a dictionary: counts, whether a word is a name, log probability of a text."""

    count: Callable[[str], int]
    is_name: Callable[[str], bool]
    fluency: Callable[[str], float]


class Features:
    """Computes what the acceptance model looks at."""

    def __init__(self, model: LanguageModel, tables: CandidateTables, words: WordList, context: ContextVectors) -> None:
        self.model, self.tables, self.words, self.context = model, tables, words, context

    def rows(
        self,
        text: str,
        found: Found,
    ) -> NDArray[np.float32]:
        """Return one row of :data:`FEATURES` per proposal, in steps of 1 / :data:`GRAIN`. Probabilities are log10."""
        tokens, scores, places, proposals = found
        if not proposals:
            return np.zeros((0, len(FEATURES)), np.float32)
        symbols, reach = tokens.symbols, self.model.order - 1
        begins, ends = np.flatnonzero(tokens.codes == ord(BEGIN)), np.flatnonzero(tokens.codes == ord(END))
        start = np.array([p.start for p in proposals])
        end = np.array([p.end for p in proposals])
        begin, stop = begins[np.searchsorted(begins, start) - 1], ends[np.searchsorted(ends, end)]
        low, high = np.maximum(begin, start - reach), np.minimum(end + reach, stop + 1)
        beside = [_beside(text, tokens.offsets, p) for p in proposals]
        columns = [
            *_scores(symbols, proposals, low, high, self.model),
            *_likeness(proposals, end - start, self.tables),
            *np.array([_words(*sides, p, self.words) for p, sides in zip(proposals, beside, strict=True)]).T,
            *_context(scores, (begin, start, high, stop)),
            *_borders(tokens, proposals, self.tables),
            *np.array([_place(symbols, p, *sides) for p, sides in zip(proposals, beside, strict=True)]).T,
            *self._wider(tokens, proposals, begin, stop),
            np.minimum(stop - begin, LONG),
            np.minimum(np.searchsorted(places, stop) - np.searchsorted(places, begin), MANY),
            np.array([p.best for p in proposals]),
        ]
        result: NDArray[np.float32] = (np.round(np.column_stack(columns) * GRAIN) / GRAIN).astype(np.float32)
        return result

    def _wider(
        self, tokens: Tokens, proposals: Sequence[Proposal], begin: NDArray[np.int64], stop: NDArray[np.int64]
    ) -> list[NDArray[Any]]:
        """How both readings go with the words of the sentence that n-grams do not see."""
        numbers = self.tables.places(tokens.codes)
        start, end = np.array([p.start for p in proposals]), np.array([p.end for p in proposals])
        low, high = np.maximum(begin, start - REACH), np.minimum(stop, end + REACH)
        around, count = self.context.around(
            self.context.words(numbers),
            np.column_stack([low, end + GAP - 1]),
            np.column_stack([start - GAP, high]),
        )
        owner = np.array([n for n, p in enumerate(proposals) for _ in p.options])
        at = np.array([at for p in proposals for at, _ in p.options])
        new = self.tables.places(np.array([ord(o.symbol) for p in proposals for _, o in p.options], np.uint32))
        beside = (owner[1:] == owner[:-1]) & (at[1:] == at[:-1] + 1)  # both of two neighbours are changed
        left, right = numbers[at - 1], numbers[at + 1]
        new_left, new_right = left.copy(), right.copy()
        new_left[1:][beside], new_right[:-1][beside] = new[:-1][beside], new[1:][beside]
        before = self.context.nearest((left, numbers[at], right), owner, around)
        after = self.context.nearest((new_left, new, new_right), owner, around)
        before, after = np.where(count > 0, before, 0), np.where(count > 0, after, 0)
        return [before, after, after - before, np.minimum(count, MANY_WORDS)]


def _beside(text: str, offsets: NDArray[np.int64], proposal: Proposal) -> tuple[str, str]:
    """Return what stands before and after a proposal on its line."""
    start, stop = int(offsets[proposal.start]), int(offsets[proposal.end - 1]) + 1
    left = text[max(0, start - BESIDE) : start].rpartition("\n")[2]
    return left, text[stop : stop + BESIDE].partition("\n")[0]


def _scores(
    symbols: str, proposals: Sequence[Proposal], low: NDArray[np.int64], high: NDArray[np.int64], model: LanguageModel
) -> list[NDArray[Any]]:
    """Ask the model about the window with and without the change."""
    windows = []
    for p, first, last in zip(proposals, low.tolist(), high.tolist(), strict=True):
        head, tail = symbols[first : p.start], symbols[p.end : last]
        if p.rest:
            head, tail = replaced(symbols, first, p.start, p.rest), replaced(symbols, p.end, last, p.rest)
        windows += [head + p.before + tail, head + p.after + tail]
    logs, orders = model.score("".join(windows))
    lead = np.array([p.start for p in proposals]) - low
    span = np.array([p.end - p.start for p in proposals])
    size = high - low
    before = np.cumsum(2 * size) - 2 * size + lead
    after, length = before + size, size - lead
    pad = np.zeros(1, np.float32)
    cuts = np.column_stack([before, before + length, after, after + length]).ravel()
    total = np.add.reduceat(np.append(logs, pad), cuts)[::2].reshape(-1, 2)
    order = np.add.reduceat(np.append(orders, 0).astype(np.float32), cuts)[::2].reshape(-1, 2)
    worst = np.minimum.reduceat(np.append(logs, pad), cuts)[::2].reshape(-1, 2)
    least = np.minimum.reduceat(np.append(orders, 9), cuts)[::2].reshape(-1, 2)
    inner = np.column_stack([before, before + span, after, after + span]).ravel()
    spans = np.add.reduceat(np.append(logs, pad), inner)[::2].reshape(-1, 2)
    gain, gain_span = total[:, 1] - total[:, 0], spans[:, 1] - spans[:, 0]
    cost = np.array([sum(option.cost for _, option in p.options) for p in proposals])
    mean, order = total / length[:, None], order / length[:, None]
    return [
        gain, gain_span, gain - gain_span, cost, mean[:, 0], mean[:, 1], worst[:, 0], worst[:, 1],
        least[:, 0], order[:, 0], least[:, 1], order[:, 1],
    ]  # fmt: skip


def _likeness(proposals: Sequence[Proposal], span: NDArray[np.int64], tables: CandidateTables) -> list[NDArray[Any]]:
    """How the new characters resemble the old ones, and how common both are."""
    changes = [(n, p.before[at - p.start], option) for n, p in enumerate(proposals) for at, option in p.options]
    firsts = np.flatnonzero(np.diff([n for n, _, _ in changes], prepend=-1))
    kinds = np.array([option.kind for _, _, option in changes])
    alike = np.array([option.likeness for _, _, option in changes])
    old = tables.unigram[tables.places(np.array([ord(char) for _, char, _ in changes], np.uint32))]
    new = tables.unigram[tables.places(np.array([ord(option.symbol) for _, _, option in changes], np.uint32))]
    return [
        np.diff(np.append(firsts, len(changes))),
        span,
        np.maximum.reduceat(kinds, firsts),
        np.minimum.reduceat(alike, firsts),
        np.minimum.reduceat((kinds == SAME_TONE) | (kinds == SAME_SYLLABLE), firsts),
        np.minimum.reduceat(old, firsts),
        np.minimum.reduceat(new, firsts),
        np.array([min(p.lead, FAR) for p in proposals]),
    ]


def _words(left: str, right: str, proposal: Proposal, words: WordList) -> tuple[float, ...]:
    """Word-hood before and after: the commonest word over the changed characters, its length; fluency; names."""
    left, right = left[1 - LONGEST_WORD :], right[: LONGEST_WORD - 1]
    first = len(left) + proposal.options[0][0] - proposal.start
    last = len(left) + proposal.options[-1][0] - proposal.start + 1
    old, new = left + proposal.before + right, left + proposal.after + right
    before, before_length, before_name = _named_word(old, first, last, words)
    after, after_length, after_name = _named_word(new, first, last, words)
    return before, before_length, after, after_length, words.fluency(new) - words.fluency(old), before_name, after_name


def _named_word(text: str, first: int, last: int, words: WordList) -> tuple[float, int, bool]:
    start, end, common = word_over(text, first, last, words.count)
    return (common, end - start, words.is_name(text[start:end])) if common else (0.0, 1, False)


def word_over(text: str, first: int, last: int, count: Callable[[str], int]) -> tuple[int, int, float]:
    """Return start and end of the commonest word that holds ``text[first:last]``, and how common it is (log10).

    Each further character counts tenfold; where there is no word, the span itself and 0.
    """
    best, span = 0.0, (first, last)
    for start in range(max(0, last - LONGEST_WORD), first + 1):
        for end in range(max(last, start + 2), min(len(text), start + LONGEST_WORD) + 1):
            found = count(text[start:end])
            common = math.log10(found + 1) + (end - start - 2) if found else 0.0
            if common > best:
                best, span = common, (start, end)
    return *span, best


def _context(
    scores: tuple[NDArray[np.float32], NDArray[np.int8]], places: tuple[NDArray[np.int64], ...]
) -> list[NDArray[Any]]:
    """Mean probability and order of match in the tokens around the window: how well the model knows such text."""
    begin, start, high, stop = places
    logs = exact_sums(scores[0])
    orders = np.concatenate([[0], np.cumsum(scores[1], dtype=np.int64)])
    low, last = np.maximum(begin + 1, start - CONTEXT), np.minimum(stop, high + CONTEXT)
    last = np.maximum(last, np.minimum(high, stop))
    first = np.minimum(high, last)
    count = (start - low) + (last - first)
    some = np.maximum(count, 1)
    mean = (logs[start] - logs[low] + logs[last] - logs[first]) / UNIT / some
    order = (orders[start] - orders[low] + orders[last] - orders[first]) / some
    return [np.where(count > 0, mean, -2.0), np.where(count > 0, order, 3.0)]


def _borders(tokens: Tokens, proposals: Sequence[Proposal], tables: CandidateTables) -> list[NDArray[Any]]:
    """Bigrams over the left and right border of the change, relative to the second one alone: before, after."""
    numbers = tables.places(tokens.codes)
    first = np.array([p.options[0][0] for p in proposals])
    last = np.array([p.options[-1][0] for p in proposals])
    new_first = tables.places(np.array([ord(p.options[0][1].symbol) for p in proposals], np.uint32))
    new_last = tables.places(np.array([ord(p.options[-1][1].symbol) for p in proposals], np.uint32))
    left, right = numbers[first - 1], numbers[last + 1]
    unigram = tables.unigram
    return [
        tables.bigram(left, numbers[first]) - unigram[numbers[first]],
        tables.bigram(left, new_first) - unigram[new_first],
        tables.bigram(numbers[last], right) - unigram[right],
        tables.bigram(new_last, right) - unigram[right],
    ]


def _place(symbols: str, proposal: Proposal, left: str, right: str) -> tuple[float, ...]:
    """Where it stands: names, foreign names, titles, quotation marks, borders; and whether it is a writer's habit."""
    before, after = symbols[proposal.start - 1], symbols[proposal.end]
    near = left[-3:] + proposal.before + right[:3]
    return (
        before in SURNAMES
        or proposal.before[0] in SURNAMES
        or symbols[proposal.start - 2 : proposal.start - 1] in SURNAMES,
        sum(char in FOREIGN for char in near) / len(near) + ("·" in left[-4:] + right[:4]),
        any(right[at : at + size] in TITLES for at, size in ((0, 1), (0, 2), (1, 1), (1, 2))),
        min(HABITS.get(proposal.before[at - proposal.start], 9) for at, _ in proposal.options),
        left[-1:] in OPENING or right[:1] in CLOSING,
        before in COMMAS or after in COMMAS,
        before == BEGIN or after == END,
        before in "#0A" or after in "#0A",
    )


OPENING, CLOSING = frozenset("“‘《（(「『\"'"), frozenset("”’》）)」』\"'")
