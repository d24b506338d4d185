"""What a plan wants or has reached."""

from __future__ import annotations

from typing import NamedTuple


class Goal(NamedTuple):
    """A goal: ``quote`` is ``text[start:end]`` of the plan (code points, half-open), clauses of one sentence.

    ``goal_type`` is an id of the taxonomy, ``confidence`` (0..1) how sure it is; ``status`` is planned or achieved. The
    figure: ``value`` and ``unit`` as written, ``value_base`` in ``unit_base``; "" and None where none is named.
    """

    start: int
    end: int
    goal_type: str
    confidence: float
    status: str
    metric: str
    comparator: str
    value: str
    unit: str
    value_base: float | None
    unit_base: str
    period: str
    quote: str
