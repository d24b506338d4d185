"""What is wrong in the corpora themselves, as far as a reader found it: ``errata.tsv``.

A judge that learns to leave clean lines alone learns from every mistake in them that it must not be mended, and it
learns that best of the plainest ones (Northcutt et al. 2021, "Confident learning"). So a reader looked at what trees
that had not seen a line believed in most, and judged it by the line. Lines are told by a digest: the file says where
something is wrong, not what is written there.
"""

from __future__ import annotations

import hashlib
import re
from enum import Enum
from pathlib import Path

from pipeline.errors import LexiconError
from pipeline.lexicons.tables import read_table

SHIPPED = Path(__file__).with_suffix(".tsv")
COLUMNS = ("line", "change", "verdict")
DIGITS = 16  # hexadecimal ones of a line's SHA-256
BESIDE = 14  # characters shown on either side of a change
_LINE = re.compile(f"[0-9a-f]{{{DIGITS}}}")
_CHANGE = re.compile(r"\d+\D\D(?: \d+\D\D)*")


class Verdict(Enum):
    """What a reader says of a change: the line is ``WRONG`` there and it is right; or both may stand (``OPEN``)."""

    WRONG = "wrong"
    OPEN = "open"


Errata = dict[tuple[str, str], Verdict]


def digest(line: str) -> str:
    """Return what tells a line."""
    return hashlib.sha256(line.encode()).hexdigest()[:DIGITS]


def read_errata(path: Path = SHIPPED) -> Errata:
    """Return (digest of a line, change) → verdict; raises :class:`LexiconError` with every faulty line."""
    rows, faults = read_table(path, COLUMNS)
    found: Errata = {}
    for number, row in rows:
        key = row["line"], row["change"]
        if not _LINE.fullmatch(key[0]) or not _CHANGE.fullmatch(key[1]):
            faults.append(f"line {number}: {key} is no digest with a change such as 3件建")
        elif row["verdict"] not in {verdict.value for verdict in Verdict}:
            faults.append(f"line {number}: the verdict is {row['verdict']!r}; known: wrong, open")
        elif key in found:
            faults.append(f"line {number}: {key} stands there twice")
        else:
            found[key] = Verdict(row["verdict"])
    if faults:
        raise LexiconError(path.name, faults)
    return found


def shown(line: str, change: str) -> str:
    """Return a change in its line, as a reader needs it: ``…结[队→对]帮扶…``."""
    after = {int(one[:-2]): one[-1] for one in change.split(" ")}
    first, last = min(after), max(after) + 1
    new = "".join(after.get(at, char) for at, char in enumerate(line[first:last], first))
    return f"{line[max(0, first - BESIDE) : first]}[{line[first:last]}→{new}]{line[last : last + BESIDE]}"
