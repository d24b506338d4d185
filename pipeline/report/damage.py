"""Damage by kind and by site: counts of the edits that undid it, per 1,000 characters of source text."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import suppress
from typing import TYPE_CHECKING, NamedTuple

from pipeline.errors import LexiconError
from pipeline.lexicons.packs import load_packs
from pipeline.lexicons.tables import HERE
from pipeline.model import KINDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import pandas as pd

    from pipeline.report.data import Material

ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?([a-z0-9-]{2,63}(?:\.[a-z0-9-]{2,63})*\.(?:com|cn|net|org|cc|info|top|vip))\b",
    re.IGNORECASE | re.ASCII,
)
BETWEEN = re.compile(r"[^\w]+")
TOLD_KINDS = ("typo", "synonym")  # kinds of which single substitutions tell something
MOST_CHANGES = 20
MOST_SITES = 60


class KindCount(NamedTuple):
    """How often a kind of damage was undone, and how often that is only suggested; ``rate`` per 1,000 characters."""

    kind: str
    applied: int
    suggested: int
    rate: float


class SiteDamage(NamedTuple):
    """The documents that bear the marks of the same sites (of none: ``sites`` is empty).

    ``sites`` are (name, number of marks); ``rates`` are edits per 1,000 characters, by kind.
    """

    sites: list[tuple[str, int]]
    documents: int
    plans: int
    chars: int
    rates: dict[str, float]


class Change(NamedTuple):
    """A substitution that was made ``times`` times."""

    kind: str
    before: str
    after: str
    times: int


def by_kind(material: Material) -> list[KindCount]:
    """Return the kinds that occur, the commonest first."""
    edits, chars = material.table("edits"), sum(record["source_chars"] for record in material.inputs)
    counts = Counter(zip(edits["kind"], edits["applied"].astype(bool), strict=True))
    rows = [(kind, counts[kind, True], counts[kind, False]) for kind in KINDS]
    found = [KindCount(kind, done, hints, per_thousand(done, chars)) for kind, done, hints in rows if done or hints]
    return sorted(found, key=lambda row: (-row.applied, -row.suggested, KINDS.index(row.kind)))


def per_thousand(count: int, chars: int) -> float:
    """Return how many that is per 1,000 characters; 0 where there are none."""
    return 1000 * count / chars if chars else 0.0


def by_site(material: Material) -> list[SiteDamage]:
    """Return the damage of the documents that bear each site's marks, the commonest site first, those without last.

    A document with the marks of several sites counts for each of them; sites whose marks stand in the same documents
    are one row.
    """
    edits = material.table("edits")
    applied = edits[edits["applied"].astype(bool)]
    kinds = Counter(zip(applied["doc_id"], applied["kind"], strict=True))
    marks = site_marks(applied, known_sites(material.folder))
    groups: dict[str, list[str]] = {}
    for record in material.inputs:
        for site in marks.get(record["doc_id"], {}) or [""]:
            groups.setdefault(site, []).append(record["doc_id"])
    records = {record["doc_id"]: record for record in material.inputs}
    together: dict[tuple[str, ...], list[tuple[str, int]]] = {}
    for site, members in sorted(groups.items()):
        named = together.setdefault(tuple(members), [])
        if site:
            named.append((site, sum(marks.get(doc_id, {}).get(site, 0) for doc_id in members)))
    rows = []
    for doc_ids, sites in together.items():
        chars = sum(records[doc_id]["source_chars"] for doc_id in doc_ids)
        totals = {kind: sum(kinds[doc_id, kind] for doc_id in doc_ids) for kind in KINDS}
        rates = {kind: per_thousand(total, chars) for kind, total in totals.items()}
        plans = sum(records[doc_id]["plans"] for doc_id in doc_ids)
        ranked = sorted(sites, key=lambda site: (-site[1], site[0]))
        rows.append(SiteDamage(ranked, len(doc_ids), plans, chars, rates))
    return sorted(rows, key=lambda row: (not row.sites, -row.documents, row.sites))[:MOST_SITES]


def known_sites(folder: Path) -> dict[str, str]:
    """Return what sites stamp on text → the site's name, from the site packs and what the corpus taught."""
    packs = list(load_packs([HERE / "sites"]).packs)
    learned = []
    with suppress(LexiconError):  # the draft is the user's to change, and there may be none
        learned = list(load_packs([folder]).packs)
    # A draft lists the names of other sites as aliases: each is a site of its own.
    signs = {name: name for pack in learned for name in (pack.name, *pack.aliases)}
    for pack in packs:
        signs |= dict.fromkeys((pack.name, *pack.aliases, *pack.domains, *pack.slogans, *pack.signatures), pack.name)
    return signs


def site_marks(applied: pd.DataFrame, signs: Mapping[str, str]) -> dict[str, dict[str, int]]:
    """Return doc_id → site → how many watermarks name it; an address stands for the site where no name is known."""
    marks: dict[str, dict[str, int]] = {}
    watermarks = applied[applied["kind"] == "watermark"]
    for doc_id, before in zip(watermarks["doc_id"], watermarks["before"].astype(str), strict=True):
        bare = BETWEEN.sub("", before)  # a signature is broken up by punctuation
        found = {name for sign, name in signs.items() if sign in before or sign in bare}
        found |= set() if found else {match[1].lower() for match in ADDRESS.finditer(before)}
        for site in sorted(found):
            of_document = marks.setdefault(doc_id, {})
            of_document[site] = of_document.get(site, 0) + 1
    return marks


def common_changes(material: Material) -> list[Change]:
    """Return the substitutions of words that were made most often."""
    edits = material.table("edits")
    told = edits[edits["applied"].astype(bool) & edits["kind"].isin(TOLD_KINDS)]
    counts = Counter(zip(told["kind"], told["before"].astype(str), told["after"].astype(str), strict=True))
    rows = [Change(*change, times) for change, times in counts.items()]
    return sorted(rows, key=lambda row: (-row.times, row))[:MOST_CHANGES]
