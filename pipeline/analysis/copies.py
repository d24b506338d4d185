"""Copies: the passages that plans share, the groups that these make, and what counts once in a statistic."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from pipeline.analysis.alignment import align, repeats
from pipeline.analysis.shingles import shingle
from pipeline.analysis.signatures import candidates

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from numpy.typing import NDArray

    from pipeline.analysis.signatures import Signatures

LARGELY = 0.6  # share of a plan's characters from which on its text is largely another's
RECENT = 512  # texts whose shingles are remembered while pairs are compared


class Plan(NamedTuple):
    """A plan of a corpus: ``start`` is the offset of ``text`` in the document's clean text."""

    doc_id: str
    section: int
    start: int
    text: str

    @classmethod
    def without_heading(cls, doc_id: str, section: int, start: int, text: str, title: str) -> Plan:
        """Return the plan that begins at ``start`` with the line ``title``, but for this line."""
        rest = body(text, title)
        return cls(doc_id, section, start + len(text) - len(rest), rest)

    @property
    def name(self) -> str:
        """What ``duplicate_of`` says of it."""
        return f"{self.doc_id}/{self.section}"


class Copy(NamedTuple):
    """A passage that stands in two plans (given by their numbers in corpus order), or twice in one.

    ``a`` ≤ ``b``; offsets in the texts of the plans, half-open; similarity 0…1 as in
    :class:`~pipeline.analysis.alignment.Passage`.
    """

    a: int
    a_start: int
    a_end: int
    b: int
    b_start: int
    b_end: int
    similarity: float


class Groups(NamedTuple):
    """Plans that share most of a text: the group of each plan (numbered in corpus order), and which repeat another.

    ``duplicate_of[i]`` is the plan that stands for plan ``i`` in a statistic, −1 where it stands for itself.
    ``copied[i]`` is the share of its characters, 0…1, that an earlier plan has (or the plan itself, before).
    """

    group: list[int]
    duplicate_of: list[int]
    copied: list[float]


def body(text: str, title: str) -> str:
    """Return a plan's text without its heading line, which all plans of a compilation share."""
    rest = text.removeprefix(title)
    return rest.lstrip("\n") if rest[:1] in {"", "\n"} else text


def find_copies(signatures: Signatures, text_of: Callable[[int], str]) -> list[Copy]:
    """Return all passages that plans share, sorted by the pair; ``text_of`` gives the text of a plan by its number."""
    return compare(candidates(signatures), text_of)


def compare(pairs: NDArray[np.int64], text_of: Callable[[int], str]) -> list[Copy]:
    """Return the passages of these pairs of plans, in their order, however the pairs are cut up."""
    shingled = lru_cache(RECENT)(lambda number: shingle(text_of(number)))
    found = []
    for a, b in pairs.tolist():
        passages = repeats(shingled(a)) if a == b else align(shingled(a), shingled(b))
        found += [Copy(a, p.a_start, p.a_end, b, p.b_start, p.b_end, p.similarity) for p in passages]
    return found


def group(copies: Iterable[Copy], lengths: Sequence[int]) -> Groups:
    """Return what counts once; ``lengths`` are those of the plans' texts.

    Two plans are of one group when passages cover ``LARGELY`` of the shorter one. A plan that is largely another's
    repeats it: of two that are so to each other the later one, else the one that the other contains.
    """
    copies = list(copies)
    between: dict[tuple[int, int], list[Copy]] = defaultdict(list)
    before: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for copy in copies:
        before[copy.b].append((copy.b_start, copy.b_end))
        if copy.a != copy.b:
            between[copy.a, copy.b].append(copy)
    within: list[tuple[int, int]] = []  # (a plan, one that holds most of it)
    for (a, b), shared in between.items():
        if _covered([(c.a_start, c.a_end) for c in shared]) >= LARGELY * lengths[a]:
            within.append((a, b))
        if _covered([(c.b_start, c.b_end) for c in shared]) >= LARGELY * lengths[b]:
            within.append((b, a))
    copied = [_covered(before[i]) / max(1, lengths[i]) if i in before else 0.0 for i in range(len(lengths))]
    return Groups(_components(within, len(lengths)), _represented(within, len(lengths)), copied)


def _covered(spans: list[tuple[int, int]]) -> int:
    """Return how many characters lie in at least one of the spans."""
    total = reach = 0
    for start, end in sorted(spans):
        total += max(0, end - max(start, reach))
        reach = max(reach, end)
    return total


def _components(within: list[tuple[int, int]], count: int) -> list[int]:
    if not count:
        return []
    rows, columns = np.array(within, np.int64).reshape(-1, 2).T
    graph = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(count, count))
    labels = connected_components(graph, directed=False)[1]
    first = np.unique(labels, return_index=True)[1]
    numbers: list[int] = np.argsort(np.argsort(first))[labels].tolist()
    return numbers


def _represented(within: list[tuple[int, int]], count: int) -> list[int]:
    """Return for each plan the plan that stands for it, −1 for those that stand for themselves."""
    holders: dict[int, list[int]] = defaultdict(list)
    held: dict[int, list[int]] = defaultdict(list)
    for plan, holder in within:
        holders[plan].append(holder)
        held[holder].append(plan)
    stands_for = list(range(count))
    for plan in range(count):
        stands_for[plan] = root = min(
            (_root(stands_for, holder) for holder in holders[plan] if holder < plan), default=plan
        )
        # What stood for itself and is held by this plan, which is longer, goes where this one goes.
        for small in held[plan]:
            if small < plan and stands_for[small] == small:
                stands_for[small] = root
    roots = [_root(stands_for, plan) for plan in range(count)]
    return [-1 if root == plan else root for plan, root in enumerate(roots)]


def _root(stands_for: list[int], plan: int) -> int:
    while stands_for[plan] != plan:
        stands_for[plan] = stands_for[stands_for[plan]]
        plan = stands_for[plan]
    return plan


def duplicate_rows(copies: Iterable[Copy], plans: Sequence[Plan]) -> dict[str, list[object]]:
    """Return the columns of the table ``duplicates``: offsets count in the documents' clean texts."""
    rows = []
    for copy in copies:
        a, b = plans[copy.a], plans[copy.b]
        here = (a.doc_id, a.section, a.start + copy.a_start, a.start + copy.a_end)
        there = (b.doc_id, b.section, b.start + copy.b_start, b.start + copy.b_end)
        rows.append((*here, *there, round(copy.similarity, 4)))
    names = ("doc", "section", "start", "end")
    columns = [f"{side}_{name}" for side in "ab" for name in names] + ["similarity"]
    return {name: [row[i] for row in rows] for i, name in enumerate(columns)}
