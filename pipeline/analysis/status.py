"""Whether a clause says what is planned or what was reached."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.analysis.clauses import ACHIEVED, FUTURE, PAST, PLANNED

if TYPE_CHECKING:
    from pipeline.analysis.clauses import Reading


REACH = 30  # clauses of its sentence before a clause that are looked at


def status_of(reading: Reading, place: int) -> str:
    """Return "planned" or "achieved": by the words of the clause and of those before it in its sentence, else planned."""
    clause = reading.clauses[place]
    before = clause.flags
    first = max(0, place - REACH)
    while place > first and reading.clauses[place - 1].sentence == clause.sentence:
        place -= 1
        before |= reading.clauses[place].flags
    if before & FUTURE and not clause.flags & PAST:
        return "planned"
    if before & PAST and not clause.flags & PLANNED:
        return "achieved"
    for flags in (clause.flags, before, reading.sentences[clause.sentence]):
        planned, achieved = flags & PLANNED > 0, flags & ACHIEVED > 0
        if planned != achieved:
            return "achieved" if achieved else "planned"
    return "planned"
