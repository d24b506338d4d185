"""Targets: figures that say how much is planned or was reached, with what is measured, how it is bounded, and when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.analysis.clauses import ACHIEVED, ACTION, NOMINAL, PLANNED, read_clauses
from pipeline.analysis.comparators import Comparison, compare, is_measure
from pipeline.analysis.figures import find_figures
from pipeline.analysis.metrics import name_metric
from pipeline.analysis.periods import Periods, find_rate
from pipeline.analysis.status import status_of
from pipeline.lexicons.goals import load_goal_words

if TYPE_CHECKING:
    from pipeline.analysis.clauses import Clause, Reading
    from pipeline.analysis.figures import Figure
    from pipeline.analysis.periods import Rate

WORKING = PLANNED | ACHIEVED | ACTION | NOMINAL
RECURRING = frozenset({"occasion", "count"})  # 每周一次, 每月读一本: here 一 is a number
SCALES = "十百千万亿"
ORDINALS = frozenset({"届", "期", "组", "轮"})  # 二期工程
REACH = 80  # characters around a figure that are looked at

# A figure after one of these is known or given, not aimed at: 以下3项, 现有45名, 经理的12条.
DEFINITE = re.compile(
    r"(?:的|这|那|该|上述|以下|下列|如下|前|上|各|其中|有着?|分|分为|从|由|对|如|像|无|同|全[班校院体科]|[现原共]有)$"
)
SHARE = re.compile("占(?![^，]*(?:任务|计划|目标|指标))[^，]{0,10}$|是否[^，]{0,2}$")  # 占总成绩的30%
EXCEEDS = re.compile("超过|高于|高出|提高|增加|领先")
FROM = re.compile("[由从][^，]{0,8}$")
CHANGE = re.compile("提|增|减|降|上升|下降|缩|扩|压|上调|下调|升")
EXPERIENCE = re.compile("(?:的)?(?:工作|从业|临床|教学|管理)?(?:经验|经历|工龄|资历|历史|学历)")
REGIME = re.compile("(?:工作)?制")  # 8小时工作制

# Whose number 7万 is, by what is measured.
COUNTED = (("户", "户"), ("人", "人"), ("名", "人"), ("元", "元"), ("额", "元"), ("收入", "元"), ("利润", "元"), ("资金", "元"), ("款", "元"), ("费", "元"))  # fmt: skip
BASES = {"户": "households", "人": "persons", "元": "yuan"}
HEADS = {"人": "person", "户": "household"}


class Target(NamedTuple):
    """A figure that is planned or was reached: ``text[start:end]`` with its comparators (code points, half-open).

    ``value`` is the figure in digits without comparator, 万 not multiplied out (7万以上: 7, unit 万户), a range 1-2, a
    fraction 2/3. ``value_base`` counts in ``unit_base`` (yuan, persons, households, ratio, times per year, …), of a range
    its middle; None where the base unit is not known. ``metric`` is what is measured, "" where nothing names it;
    ``comparator`` the words around the figure; ``status`` planned or achieved.
    """

    start: int
    end: int
    metric: str
    comparator: str
    value: str
    unit: str
    value_base: float | None
    unit_base: str
    period: str
    status: str


class _Last(NamedTuple):
    """What the target before was about: a figure may leave its metric and unit to it."""

    sentence: int = -1
    metric: str = ""
    base: str = ""


def find_targets(text: str, reading: Reading | None = None, periods: Periods | None = None) -> list[Target]:
    """Return the targets of ``text`` in order; ``reading`` and ``periods`` of the same text save work.

    A figure is a target where a comparator, a rate (每周, 人均), the name of a measure (…率, …额, 时间：) or a verb of
    plans and results speaks for it. List and clause numbers, dates, 一 as an article (一支队伍), mere enumerations
    (以下三个方面) and the 20/80 rule are none.
    """
    figures = list(find_figures(text))
    if not figures:
        return []
    reading = reading or read_clauses(text)
    periods = periods or Periods(text)
    places = [reading.at(figure.start) for figure in figures]
    sayings = _sayings(figures, places, reading)
    targets: list[Target] = []
    last, behind = _Last(), 0
    for figure, number in zip(figures, places, strict=True):
        if number < 0 or not _may_be_target(figure, reading.clauses[number], sayings):
            continue
        clause = reading.clauses[number]
        place = _place(figure, number, reading, behind)
        if FROM.search(place.left) and CHANGE.match(place.right):  # what a change starts from: 由61%提高到75%
            continue
        behind = figure.end
        if place.is_target(chained=last.sentence == clause.sentence):
            target = place.target(periods, last)
            targets.append(target)
            last = _Last(clause.sentence, target.metric, target.unit_base)
    return targets


def _sayings(figures: list[Figure], places: list[int], reading: Reading) -> set[int]:
    """Return the sentences that set 20 % against 80 %."""
    shares: dict[int, set[str]] = {}
    for figure, place in zip(figures, places, strict=True):
        if figure.kind == "ratio" and place >= 0:
            shares.setdefault(reading.clauses[place].sentence, set()).add(figure.value)
    return {sentence for sentence, values in shares.items() if {"20", "80"} <= values}


def _may_be_target(figure: Figure, clause: Clause, sayings: set[int]) -> bool:
    title = clause.heading and not clause.line
    return figure.end <= clause.end and clause.sentence not in sayings and not title


@cache
def _enumerated() -> re.Pattern[str]:
    nouns = sorted(load_goal_words().enumerated, key=lambda word: (-len(word), word))
    return re.compile(rf"(?:[大重点主要基本具体]|重要|不同|关键|以上的|的|层面的){{0,3}}(?:{'|'.join(nouns)})")


def _place(figure: Figure, number: int, reading: Reading, behind: int) -> _Place:
    """Return a figure in its clause; ``behind`` is the end of the figure before it."""
    clause, text = reading.clauses[number], reading.text
    start = max(clause.start, figure.start - REACH)
    left, right = text[start : figure.start], text[figure.end : min(clause.end, figure.end + REACH)]
    comparison = compare(left, right)
    rate = None if figure.kind == "ratio" else find_rate(left, occasion=figure.kind == "occasion")
    label = ""
    if (
        clause.colon
        and number
        and start == clause.start
        and not left.strip()
        and reading.clauses[number - 1].line == clause.line
    ):
        before = reading.clauses[number - 1]
        label = text[before.start : before.end]
    return _Place(figure, number, reading, left, right, max(0, behind - start), label, comparison, rate)


@dataclass(frozen=True, slots=True)
class _Place:
    """A figure in its clause: what stands ``left`` and ``right`` of it, and ``label`` before the clause's colon.

    In ``left`` the figure before it ends at ``near``.
    """

    figure: Figure
    number: int
    reading: Reading
    left: str
    right: str
    near: int
    label: str
    comparison: Comparison
    rate: Rate | None

    @property
    def clause(self) -> Clause:
        return self.reading.clauses[self.number]

    @property
    def bare(self) -> bool:
        """Whether the figure has no unit of its own (7万)."""
        return self.figure.kind != "ratio" and not self.figure.unit.strip(SCALES)

    def is_target(self, *, chained: bool) -> bool:
        """Whether something speaks for the figure; ``chained`` tells that a target stands before it in its sentence."""
        figure, compared, bounds = self.figure, self.comparison.words != "", self.comparison.bounds
        if figure.article and not bounds and not (self.rate and figure.kind in RECURRING):
            return False
        if figure.kind == "duration":
            return self._is_time()
        if figure.chinese and figure.unit in ORDINALS and not compared and not self.rate:
            return False
        if figure.kind == "count" and not self.bare and not bounds and _enumerated().match(self.right):
            return False
        if self.bare:
            return compared or figure.more != "" or is_measure(self.left)
        if compared:
            return True
        if SHARE.search(self.left) or (figure.kind != "ratio" and not self.rate and DEFINITE.search(self.left)):
            return False
        if self.rate or is_measure(self.left) or is_measure(self.label):
            return True
        if figure.kind == "score":
            return EXCEEDS.search(self.left) is not None
        alone = figure.kind == "ratio" and not self.left and not self.right  # a cell of a table
        return self.clause.flags & WORKING > 0 or (chained and not figure.chinese) or alone

    def _is_time(self) -> bool:
        """Whether a length of time is a target: a limit or a measure, no span of the calendar (近两年, 五年的经验)."""
        following = self.right[self.comparison.after :]
        if self.comparison.words == "近" or EXPERIENCE.match(following):
            return False
        if self.comparison.after and following.startswith("的"):
            return False
        if is_measure(self.left) or is_measure(self.label) or self.comparison.changes:
            return True
        if self.comparison.bounds and self.comparison.before:
            return True
        hourly = self.rate is not None and self.figure.base == "hours" and not REGIME.match(following)
        return self.clause.flags & WORKING > 0 and (self.comparison.bounds or hourly)

    def target(self, periods: Periods, last: _Last) -> Target:
        """Return the figure as a target; ``last`` is the target before it."""
        figure, clause, comparison = self.figure, self.clause, self.comparison
        metric = self._metric() or (last.metric if last.sentence == clause.sentence else "")
        unit, base = _counted(figure.unit, metric, last) if self.bare else (figure.unit, figure.base)
        amount = figure.amount if base else None
        if self.rate and amount is not None:
            amount *= self.rate.per_year or 1
            per = "year" if self.rate.per_year else HEADS.get(self.rate.per, "group")
            unit, base = f"{unit}/{self.rate.per}", f"{base} per {per}"
        status = status_of(self.reading, self.number)
        line = self.reading.line_start(clause.line)
        start, end = max(clause.start, figure.start - REACH), min(clause.end, figure.end + REACH)
        period = periods.of(start, end, line, planned=status == "planned")
        return Target(
            figure.start - comparison.before,
            figure.end + comparison.after,
            metric,
            comparison.with_more(figure.more),
            figure.value,
            unit,
            None if amount is None else round(amount, 10),
            base,
            period,
            status,
        )

    def _metric(self) -> str:
        end = len(self.left) - self.comparison.before
        stem = self.left[self.near : end] if self.near else self.left[:end]
        if self.near:
            stem = stem.lstrip("、和及")
        elif self.rate:
            stem = self.left[: self.rate.start] + self.left[self.rate.end : end]
        return name_metric(stem, self.label, self.right[self.comparison.after :])


def _counted(scale: str, metric: str, last: _Last) -> tuple[str, str]:
    """Return unit and base of 7万, whose unit its metric or the target before it tells."""
    for word, unit in COUNTED:
        if word in metric:
            return scale + unit, BASES[unit]
    for unit, base in BASES.items():
        if last.base.startswith(base):
            return scale + unit, base
    return scale, ""
