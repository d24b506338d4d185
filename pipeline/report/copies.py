"""The graph of copies: groups of plans that share passages, each group a list of plans joined by arcs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from pipeline.report.cells import Plan, number, plan_of, records
from pipeline.report.charts import Arc, arcs

if TYPE_CHECKING:
    from pipeline.report.data import Material, PlanKey
    from pipeline.report.places import Places

WIDTH = 88  # pixels of the arcs
ROW, TALL_ROW = 30, 46  # pixels of a plan, the second where its document is named below it
ALL_ARCS = 8  # plans of a group up to which every pair is drawn; of a larger one, the nearest before each plan
MOST_GROUPS = 60
MOST_NODES = 40  # of a drawn group; what is more is in the table of passages
EXCERPT = 60  # characters of a passage that the table shows
LINE_AND_SENTENCE_ENDS = frozenset("\n。！？；")


class Passage(NamedTuple):
    """One side of a pair: the plan, where the passage is, and how it begins (clean text)."""

    plan: Plan
    href: str
    chars: int
    excerpt: str


class Pair(NamedTuple):
    """Two passages that say the same; ``similarity`` 0…1."""

    a: Passage
    b: Passage
    similarity: float


class Member(NamedTuple):
    """A plan of a group: what share of its text stands in plans before it (0…1), and whether it counts as a copy."""

    plan: Plan
    copied: float
    is_copy: bool


class Group(NamedTuple):
    """Plans that share text, directly or through others; arcs join the ``members`` shown, where ``thinned`` not all.

    ``size`` is the number of plans; width and height are pixels.
    """

    members: list[Member]
    arcs: list[Arc]
    thinned: bool
    size: int
    width: int
    height: int


def pairs(material: Material, places: Places) -> list[Pair]:
    """Return the pairs of passages, the most similar first, at most 2,000."""
    frame = material.table("duplicates")
    order = frame.sort_values(
        ["similarity", "a_doc", "a_section", "a_start", "b_doc", "b_section", "b_start"],
        ascending=[False, *[True] * 6],
        kind="stable",
    )
    passages = _Passages(material, places)
    found = []
    for row in records(order):
        a, b = (
            passages.at(
                (str(row[f"{side}_doc"]), int(row[f"{side}_section"])), row[f"{side}_start"], row[f"{side}_end"]
            )
            for side in ("a", "b")
        )
        found.append(Pair(a, b, number(row["similarity"]) or 0.0))
    return found


class _Passages:
    """Finds passages: in the texts of the plans, which the table ``corpus`` holds, and among the pages."""

    def __init__(self, material: Material, places: Places) -> None:
        self._material, self._places = material, places
        corpus = material.table("corpus")
        self._texts: dict[PlanKey, tuple[int, str]] = {}
        if "text" in corpus.columns:
            for doc_id, section, start, text in corpus[["doc_id", "section", "start", "text"]].itertuples(index=False):
                self._texts[str(doc_id), int(section)] = (int(start), str(text))

    def at(self, key: PlanKey, start: int, end: int) -> Passage:
        """Return the passage of a plan between two offsets in the clean text of its document."""
        plan = plan_of(self._material, self._places, *key)
        begin, text = self._texts.get(key, (0, ""))
        said = text[max(0, start - begin) : max(0, end - begin)]
        at = max(0, start - begin)
        inside = at > 0 and text[at - 1] not in LINE_AND_SENTENCE_ENDS
        excerpt = f"{'…' if inside else ''}{said[:EXCERPT]}{'…' if len(said) > EXCERPT else ''}"
        return Passage(plan, self._places.character(key[0], start) or plan.href, end - start, excerpt)


def sharing(material: Material) -> list[list[PlanKey]]:
    """Return the groups of plans that share text, directly or through others, the largest first."""
    members = [group for group in _components(list(_weights(material))) if len(group) > 1]
    return sorted(members, key=lambda group: (-len(group), group))


def _weights(material: Material) -> dict[tuple[PlanKey, PlanKey], float]:
    """Return pairs of plans that share passages → what share of the shorter one these are, 0…1."""
    shared: dict[tuple[PlanKey, PlanKey], int] = {}
    columns = ["a_doc", "a_section", "a_start", "a_end", "b_doc", "b_section"]
    for a_doc, a_section, start, end, b_doc, b_section in material.table("duplicates")[columns].itertuples(index=False):
        low, high = sorted([(str(a_doc), int(a_section)), (str(b_doc), int(b_section))])
        shared[low, high] = shared.get((low, high), 0) + int(end) - int(start)
    corpus = material.table("corpus")
    sizes = dict(zip(material.titles, corpus["chars"].astype(int), strict=True))
    return {
        (a, b): min(1.0, chars / max(1, min(sizes.get(a, chars), sizes.get(b, chars))))
        for (a, b), chars in shared.items()
    }


def groups(material: Material, places: Places) -> list[Group]:
    """Return the groups of :func:`sharing` as they are drawn, at most :data:`MOST_GROUPS`."""
    weights, copied = _weights(material), _copied(material)
    position = {key: at for at, key in enumerate(material.titles)}
    row = TALL_ROW if material.several else ROW
    drawn = []
    for group in sharing(material)[:MOST_GROUPS]:
        shown = sorted(group, key=lambda key: (position.get(key, len(position)), key))[:MOST_NODES]
        at = {key: index for index, key in enumerate(shown)}
        lines = [(at[a], at[b], weight) for (a, b), weight in sorted(weights.items()) if a in at and b in at and a != b]
        members = [
            Member(plan_of(material, places, *key), copied.get(key, 0.0), key in material.copies) for key in shown
        ]
        told = _told(lines, len(shown))
        picture = arcs(told, WIDTH, row)
        drawn.append(Group(members, picture, len(told) < len(lines), len(group), WIDTH, row * len(shown)))
    return drawn


def _told(lines: list[tuple[int, int, float]], size: int) -> list[tuple[int, int, float]]:
    """Return the lines that are drawn: where all would hide each other, for each plan that to the most alike above."""
    if size <= ALL_ARCS:
        return lines
    nearest: dict[int, tuple[float, int]] = {}
    for a, b, weight in lines:
        high, low = sorted((a, b))
        nearest[low] = max(nearest.get(low, (0.0, 0)), (weight, high))
    return [(high, low, weight) for low, (weight, high) in sorted(nearest.items())]


def _copied(material: Material) -> dict[PlanKey, float]:
    """Return what share of a plan stands in plans before it, 0…1."""
    rows = material.table("quality")[["doc_id", "section", "copied_share"]].itertuples(index=False)
    return {(str(doc_id), int(section)): number(share) or 0.0 for doc_id, section, share in rows}


def _components(edges: list[tuple[PlanKey, PlanKey]]) -> list[list[PlanKey]]:
    """Return the connected components of a graph, each sorted."""
    leader: dict[PlanKey, PlanKey] = {}

    def find(key: PlanKey) -> PlanKey:
        leader.setdefault(key, key)
        while leader[key] != key:
            leader[key] = key = leader[leader[key]]
        return key

    for a, b in edges:
        low, high = sorted((find(a), find(b)))
        leader[high] = low
    found: dict[PlanKey, list[PlanKey]] = {}
    for key in sorted(leader):
        found.setdefault(find(key), []).append(key)
    return list(found.values())
