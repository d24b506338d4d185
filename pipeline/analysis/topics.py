"""What a heading is about: 三、狠抓护理质量，确保病人安全 is about 护理质量 and 病人安全."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from pipeline.analysis.terms import tokeniser
from pipeline.lexicons.plan_words import load_plan_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LONGEST_HEADING = 200  # characters that are read
LONGEST_TOPIC, SHORT = 8, 2  # characters; a short topic takes the stop word beside it
CLAUSES = re.compile(r"[\u4e00-\u9fffA-Za-z]+")
BRACKETS = re.compile(r"[（(][^（()）]*[)）]")
PURPOSE = re.compile("以.{1,8}为")  # 以客户为中心 is no theme of its own
NUMBER = re.compile(
    "第?[一二三四五六七八九十百两几]+[年月日天周个项大条点种次节颗份本部棵名位]?|.*分之.*|[A-Za-z]|[xX]+"
)
BREAKING = frozenset(
    "与和及为以在是把对将或让使从向于等我你他她它要能会不都也就还被由因但而并且所其此这那有无按抓促保强补做搞之各每本该"
    "上下前后里内外中再又更最很新好们了着过起自去占"
)
"""Single characters that are in no topic."""
HOLLOW = frozenset({"方面", "情况", "问题", "时间", "重点"})
"""Words after another that make no more of it."""
STATE = frozenset({"情况", "现状", "概况"})
"""What comes before them is where a plan starts from, not what it is about."""


@lru_cache(maxsize=20_000)
def topics(heading: str) -> tuple[tuple[str, ...], ...]:
    """Return what a heading is about, each as its words, without verbs that say only that it is to be done."""
    found: dict[tuple[str, ...], None] = {}
    for clause in CLAUSES.findall(BRACKETS.sub("", heading[:LONGEST_HEADING])):
        if not PURPOSE.match(clause):
            found.update(dict.fromkeys(_of_clause(tokeniser().words(clause))))
    return tuple(found)


def _of_clause(tokens: Sequence[str]) -> Iterator[tuple[str, ...]]:
    tokens = [word.removesuffix("工作") or word for word in tokens if word != "的"]
    at = 0
    while at < len(tokens):
        end = at
        while end < len(tokens) and not _breaks(tokens[end]):
            end += 1
        piece = _object(tokens[at:end], leads=at == 0)
        if len("".join(piece)) <= SHORT:
            piece = _extended(piece, tokens[at - 1 : at], tokens[end : end + 1])
        piece = _fitting(piece)
        if piece and not _is_slogan(piece) and not STATE.intersection(tokens[end : end + 1]):
            yield tuple(piece)
        at = end + 1


def _object(piece: Sequence[str], *, leads: bool) -> list[str]:
    """Return a piece without the verb whose object it is (关爱女职工), if it leads its clause or is one of doing."""
    known = load_plan_words()
    kept = list(piece)
    while kept and (kept[0] in known.actions or (len(kept[0]) == 1 and len("".join(kept[1:2])) != 1)):
        del kept[0]
    if leads and kept and not all(word in known.weak for word in kept[1:]):
        idiom = len(kept[0]) > 3 and len(kept) != 2 and kept[0] not in known.terms and kept[0] not in known.nouns
        if kept[0] in known.verbs or idiom:
            del kept[0]
    return kept


def _extended(piece: list[str], before: Sequence[str], after: Sequence[str]) -> list[str]:
    """Return a short piece with the stop word that belongs to it."""
    known = load_plan_words()
    if not piece:
        return piece
    if before and before[0] in known.qualities:
        return [before[0], *piece]
    if after and after[0] not in HOLLOW:
        after_noun = after[0] in known.qualities and piece[-1] not in known.verbs and after[0][-1] != "性"
        if after[0] in known.fillers or after_noun:
            return [*piece, after[0]]
    return piece


def _is_slogan(piece: Sequence[str]) -> bool:
    """Whether a topic is one word that names nothing: 直面, 突出重点."""
    known = load_plan_words()
    if len(piece) > 1 and piece[-1] not in known.qualities:
        return False
    return len(piece[0]) > 1 and not any(
        word in kind for word in piece for kind in (known.terms, known.nouns, known.weak)
    )


def _breaks(token: str) -> bool:
    return token in load_plan_words().stop or token in BREAKING or NUMBER.fullmatch(token) is not None


def _fitting(piece: Sequence[str]) -> list[str]:
    """Return the words of a topic that fit on a tab."""
    kept = [word for word in piece if word != "工作"]
    if kept and kept[-1] == "篇":
        del kept[-1]
    while sum(map(len, kept)) > LONGEST_TOPIC:
        del kept[0]
    return kept if sum(map(len, kept)) > 1 and kept[0] not in HOLLOW else []
