"""Goals: the clauses and figures of a plan that say what someone means to do or has reached, each with its type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.analysis.clauses import ACHIEVED, ACTION, COVERB, GROUND, PLANNED, SHORT_LABEL, STATEMENT, read_clauses
from pipeline.analysis.periods import Periods
from pipeline.analysis.status import status_of
from pipeline.analysis.targets import find_targets
from pipeline.model import Goal

if TYPE_CHECKING:
    from pipeline.analysis.clauses import Clause, Reading
    from pipeline.analysis.goal_types import TypeModel, Verdict
    from pipeline.analysis.targets import Target

MOVED = COVERB | ACTION
CIRCUMSTANCE = re.compile(
    """(?:在|当|对于?|关于|作为|随着|除了|自从|经过).*(?:[中下时后前上外]|方面|时候|同时|工作)$  # 在日常工作中
    | .*(?:方面|之际|等等|的时候|的工作)$
    | .*(?:制[定订]|拟[定订]).*(?:本|如下|以下|此|工作)(?:.{0,8}计划|方案)?$  # 特制定本计划""",
    re.VERBOSE,
)
COLONS = frozenset("：:")
JOINTS = "、和及与 \u3000"  # stand between two figures of a clause
SHORTEST, LONGEST = 4, 200  # characters of a clause that is a goal


def find_goals(text: str, model: TypeModel) -> list[Goal]:
    """Return the goals of ``text`` in order: one row a figure, and one a goal without figures.

    A clause is a goal when it says what is planned or was reached, and some cue of the taxonomy, in it or around it,
    tells what it is about. Neighbouring clauses of a sentence that are about the same are one goal.
    """
    reading = read_clauses(text)
    periods = Periods(text)
    by_clause: dict[int, list[Target]] = {}
    for target in find_targets(text, reading, periods):
        by_clause.setdefault(reading.at(target.start), []).append(target)
    chosen = [n for n, clause in enumerate(reading.clauses) if n in by_clause or _may_be_goal(reading, clause)]
    without = {number: _without(reading, number, targets) for number, targets in by_clause.items()}
    firm = {number for number in chosen if number in by_clause or _is_goal(reading.clauses[number])}
    verdicts = model.judge(reading, chosen, firm, without)
    goals: list[Goal] = []
    run: list[int] = []
    for number in chosen:
        verdict = verdicts.get(number)
        if run and not (verdict and number not in by_clause and _continues(reading, verdicts, run[-1], number)):
            goals.append(_plain(reading, periods, run, verdicts))
            run = []
        if verdict is None:
            continue
        if number in by_clause:
            goals += _figures(reading, number, by_clause[number], verdict, goals[-1].end if goals else 0)
        else:
            run.append(number)
    if run:
        goals.append(_plain(reading, periods, run, verdicts))
    return goals


def _without(reading: Reading, number: int, targets: list[Target]) -> str:
    """Return a clause without its figures."""
    clause = reading.clauses[number]
    at, parts = clause.start, []
    for target in targets:
        parts += [reading.text[at : target.start], target.comparator]
        at = target.end
    return "".join([*parts, reading.text[at : clause.end]])


def _may_be_goal(reading: Reading, clause: Clause) -> bool:
    """Whether a clause is a goal, provided that it names something goals are about."""
    flags = clause.flags
    if clause.heading or flags & GROUND or not SHORTEST <= clause.end - clause.start <= LONGEST:
        return False
    words = reading.text[clause.start : clause.end]
    if "%" in words or CIRCUMSTANCE.match(words):  # a figure that is no target, a place or time
        return False
    if reading.text[clause.end : clause.end + 1] in COLONS and not (clause.leads and len(words) > SHORT_LABEL):
        return False
    if flags & ACHIEVED:
        return True
    return not flags & STATEMENT and (flags & PLANNED > 0 or clause.leads or flags & MOVED == MOVED)


def _is_goal(clause: Clause) -> bool:
    """Whether the words of a clause alone say that something is to be done or was reached."""
    flags = clause.flags
    return flags & ACHIEVED > 0 or clause.leads or flags & (PLANNED | ACTION) == PLANNED | ACTION


def _continues(reading: Reading, verdicts: dict[int, Verdict], one: int, two: int) -> bool:
    """Whether two clauses are one goal: neighbours in a sentence, of one type, equally planned or achieved."""
    second = reading.clauses[two]
    same = two == one + 1 and reading.clauses[one].sentence == second.sentence and not second.colon
    return same and verdicts[one].goal_type == verdicts[two].goal_type


def _plain(reading: Reading, periods: Periods, run: list[int], verdicts: dict[int, Verdict]) -> Goal:
    """Return the goal that a run of clauses without figures is."""
    first, last = reading.clauses[run[0]], reading.clauses[run[-1]]
    best = max((verdicts[number] for number in run), key=lambda verdict: verdict.confidence)
    status = status_of(reading, run[0])
    line = reading.line_start(first.line)
    period = periods.of(first.start, last.end, line, planned=status == "planned")
    quote = reading.text[first.start : last.end]
    return Goal(first.start, last.end, *best, status, "", "", "", "", None, "", period, quote)


def _figures(reading: Reading, number: int, targets: list[Target], verdict: Verdict, behind: int) -> list[Goal]:
    """Return a goal for each figure of a clause, which they part between them; the goal before ends at ``behind``."""
    text, clause = reading.text, reading.clauses[number]
    start, goals = clause.start, []
    if clause.colon and reading.label(number) and reading.clauses[number - 1].line == clause.line:
        label = reading.clauses[number - 1].start
        start = label if label >= behind else start  # 培训时间：2天 is one
    for target in targets:
        end = clause.end if target is targets[-1] else target.end
        goals.append(
            Goal(
                start=start,
                end=end,
                goal_type=verdict.goal_type,
                confidence=verdict.confidence,
                status=target.status,
                metric=target.metric,
                comparator=target.comparator,
                value=target.value,
                unit=target.unit,
                value_base=target.value_base,
                unit_base=target.unit_base,
                period=target.period,
                quote=text[start:end],
            )
        )
        start = end
        while start < clause.end and text[start] in JOINTS:
            start += 1
    return goals
