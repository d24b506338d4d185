"""Copies: the passages that plans share, and what counts once in a statistic.

Everything is told of the later plan of a pair: what it has from earlier ones, and which of the two repeats the other.
So stretches of later plans can be compared one by one, in any process.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from pipeline.analysis.alignment import align, repeats
from pipeline.analysis.buckets import candidates
from pipeline.analysis.shingles import shingle

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from typing import Any

    from numpy.typing import NDArray

    from pipeline.analysis.signatures import Signatures

LARGELY = 0.6  # share of a plan's characters from which on its text is largely another's
RECENT = 512  # texts whose shingles are remembered while pairs are compared
COLUMNS = (*(f"{side}_{name}" for side in "ab" for name in ("doc", "section", "start", "end")), "similarity")
"""The columns of the table of passages."""


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


class Held(NamedTuple):
    """A plan and another that holds most of it, by their numbers."""

    plan: int
    holder: int


class Groups(NamedTuple):
    """Which plans (numbered in corpus order) repeat another.

    ``duplicate_of[i]`` is the plan that stands for plan ``i`` in a statistic, −1 where it stands for itself.
    ``copied[i]`` is the share of its characters, 0…1, that an earlier plan has (or the plan itself, before).
    """

    duplicate_of: NDArray[np.int64]
    copied: NDArray[np.float64]


def body(text: str, title: str) -> str:
    """Return a plan's text without its heading line, which all plans of a compilation share."""
    rest = text.removeprefix(title)
    return rest.lstrip("\n") if rest[:1] in {"", "\n"} else text


def find_copies(signatures: Signatures, text_of: Callable[[int], str]) -> list[Copy]:
    """Return all passages that plans share, as :func:`compare` does."""
    return compare(candidates(signatures), text_of)


def compare(pairs: NDArray[np.int64], text_of: Callable[[int], str]) -> list[Copy]:
    """Return the passages of these pairs of plans, in their order, however the pairs are cut up.

    ``text_of`` gives the text of a plan by its number.
    """
    shingled = lru_cache(RECENT)(lambda number: shingle(text_of(number)))
    found = []
    for a, b in pairs.tolist():
        passages = repeats(shingled(a)) if a == b else align(shingled(a), shingled(b))
        found += [Copy(a, p.a_start, p.a_end, b, p.b_start, p.b_end, p.similarity) for p in passages]
    return found


def group(copies: Iterable[Copy], lengths: Sequence[int]) -> Groups:
    """Return what counts once; ``lengths`` are those of the plans' texts."""
    copies = sorted(copies, key=lambda copy: (copy.b, copy.a))
    representatives, shares = Representatives(len(lengths)), copied_shares(copies, lengths.__getitem__)
    representatives.add(holdings(copies, lengths.__getitem__))
    copied = np.array([shares.get(plan, 0.0) for plan in range(len(lengths))])
    return Groups(representatives.duplicate_of(), copied)


def copied_shares(copies: Iterable[Copy], length_of: Callable[[int], int]) -> dict[int, float]:
    """Return of plans the share that stands earlier; ``copies`` are sorted by the later plan, all of a plan are there."""
    return {
        plan: _covered((c.b_start, c.b_end) for c in shared) / max(1, length_of(plan))
        for plan, shared in groupby(copies, lambda copy: copy.b)
    }


def holdings(copies: Iterable[Copy], length_of: Callable[[int], int]) -> Iterator[Held]:
    """Yield which plans are largely another's: passages cover ``LARGELY`` of them; sorted by the later plan as given."""
    for (b, a), passages in groupby(copies, lambda copy: (copy.b, copy.a)):
        shared = list(passages)
        if a == b:
            continue
        if _covered((c.a_start, c.a_end) for c in shared) >= LARGELY * length_of(a):
            yield Held(a, b)
        if _covered((c.b_start, c.b_end) for c in shared) >= LARGELY * length_of(b):
            yield Held(b, a)


class Representatives:
    """The plans that stand for others: a plan that is largely another's repeats it.

    Of two that are so to each other the later one repeats the earlier, else the one that the other contains.
    """

    def __init__(self, plans: int) -> None:
        self._stands_for = np.arange(plans)

    def add(self, held: Iterable[Held]) -> None:
        """Take in what plans hold, sorted by the later plan; what is added next is of later plans still."""
        for plan, pairs in groupby(held, max):
            of_plan = list(pairs)
            root = min((self._root(one.holder) for one in of_plan if one.plan == plan), default=plan)
            self._stands_for[plan] = root
            # What stood for itself and is held by this plan, which is longer, goes where this one goes.
            for small, holder in of_plan:
                if holder == plan and self._stands_for[small] == small:
                    self._stands_for[small] = root

    def _root(self, plan: int) -> int:
        stands_for = self._stands_for
        while stands_for[plan] != plan:
            stands_for[plan] = stands_for[stands_for[plan]]
            plan = int(stands_for[plan])
        return plan

    def duplicate_of(self) -> NDArray[np.int64]:
        """Return for each plan the plan that stands for it, −1 for those that stand for themselves."""
        roots = self._stands_for
        while not np.array_equal(further := roots[roots], roots):
            roots = further
        return np.where(roots == np.arange(len(roots)), -1, roots)


def _covered(spans: Iterable[tuple[int, int]]) -> int:
    """Return how many characters lie in at least one of the spans."""
    total = reach = 0
    for start, end in sorted(spans):
        total += max(0, end - max(start, reach))
        reach = max(reach, end)
    return total


def duplicate_rows(copies: Iterable[Copy], plan_of: Callable[[int], Plan]) -> dict[str, list[Any]]:
    """Return the columns of the table ``duplicates``: offsets count in the documents' clean texts."""
    rows = []
    for copy in copies:
        a, b = plan_of(copy.a), plan_of(copy.b)
        here = (a.doc_id, a.section, a.start + copy.a_start, a.start + copy.a_end)
        there = (b.doc_id, b.section, b.start + copy.b_start, b.start + copy.b_end)
        rows.append((*here, *there, round(copy.similarity, 4)))
    return {name: [row[i] for row in rows] for i, name in enumerate(COLUMNS)}
