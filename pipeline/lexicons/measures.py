"""The only reader of the tables of measures beside it: units, periods of a rate, comparators. All faults at once."""

from __future__ import annotations

import math
from functools import cache
from pathlib import Path
from typing import NamedTuple

from pipeline.errors import LexiconError
from pipeline.lexicons.tables import read_table

HERE = Path(__file__).parent
KINDS = (
    "money",
    "ratio",
    "persons",
    "households",
    "count",
    "occasion",
    "score",
    "duration",
    "length",
    "area",
    "mass",
    "volume",
    "energy",
)
"""What a unit measures: an ``occasion`` takes place (次, 场), a ``count`` is of things."""
RELATIONS = (">=", ">", "<=", "<", "~", "=", "+", "-")
"""What a comparator says of the value: a bound, about, exactly, more by, less by."""
PLACES = ("before", "after")


class Unit(NamedTuple):
    """A unit: how it is ``written`` in tables, its base unit and the factor to it, what it measures.

    ``not_before`` holds the characters that make another word of it (年级, 家庭).
    """

    unit: str
    written: str
    base: str
    factor: float
    kind: str
    not_before: str


class Comparator(NamedTuple):
    """A word before or after a figure, and what it says of the value (:data:`RELATIONS`)."""

    word: str
    place: str
    relation: str


class Period(NamedTuple):
    """A period of a rate (每周, 元/月): how it is written, and how many of them a year has."""

    written: str
    per_year: float


def _positive(cell: str) -> float:
    """Return the number in a cell, 0 where there is none above 0."""
    try:
        value = float(cell)
    except ValueError:
        return 0.0
    return value if value > 0 and math.isfinite(value) else 0.0


@cache
def load_units(path: Path = HERE / "units.tsv") -> dict[str, Unit]:
    """Return the units by the form they have in text; raises :class:`LexiconError` with every faulty line."""
    rows, faults = read_table(path, Unit._fields)
    units: dict[str, Unit] = {}
    for number, row in rows:
        factor = _positive(row["factor"])
        if not row["unit"] or not row["written"] or not row["base"]:
            faults.append(f"line {number}: unit, written and base must not be empty")
        if row["unit"] in units:
            faults.append(f"line {number}: the unit {row['unit']!r} stands already in the table")
        if row["kind"] not in KINDS:
            faults.append(f"line {number}: the kind is {row['kind']!r}; it must be one of {', '.join(KINDS)}")
        if not factor:
            faults.append(f"line {number}: the factor is {row['factor']!r}; it must be a number above 0")
        units[row["unit"]] = Unit(row["unit"], row["written"], row["base"], factor, row["kind"], row["not_before"])
    if faults:
        raise LexiconError(path.name, faults)
    return units


@cache
def load_periods(path: Path = HERE / "periods.tsv") -> dict[str, Period]:
    """Return the periods by the form they have in text; raises :class:`LexiconError` with every faulty line."""
    rows, faults = read_table(path, ["period", "written", "per_year"])
    periods: dict[str, Period] = {}
    for number, row in rows:
        per_year = _positive(row["per_year"])
        if not row["period"] or not row["written"] or row["period"] in periods:
            faults.append(f"line {number}: period and written must not be empty, and {row['period']!r} stand once")
        if not per_year:
            faults.append(f"line {number}: per_year is {row['per_year']!r}; it must be a number above 0")
        periods[row["period"]] = Period(row["written"], per_year)
    if faults:
        raise LexiconError(path.name, faults)
    return periods


@cache
def load_comparators(path: Path = HERE / "comparators.tsv") -> tuple[Comparator, ...]:
    """Return the comparators, longest first; raises :class:`LexiconError` with every faulty line."""
    rows, faults = read_table(path, Comparator._fields)
    found: dict[tuple[str, str], Comparator] = {}
    for number, row in rows:
        word, place, relation = row["word"], row["place"], row["relation"]
        if not word or (word, place) in found:
            faults.append(f"line {number}: the word {word!r} must not be empty and must stand once")
        if place not in PLACES:
            faults.append(f"line {number}: the place is {place!r}; it must be {' or '.join(PLACES)}")
        if relation not in RELATIONS:
            faults.append(f"line {number}: the relation is {relation!r}; it must be one of {' '.join(RELATIONS)}")
        found[word, place] = Comparator(word, place, relation)
    if faults:
        raise LexiconError(path.name, faults)
    return tuple(sorted(found.values(), key=lambda one: (-len(one.word), one.word, one.place)))
