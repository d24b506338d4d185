"""Targets: figures that say how much is planned or was reached, with what is measured, how it is bounded, and when."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.analysis.clauses import (
    ACHIEVED,
    ACTION,
    FUTURE,
    PAST,
    LEAD_WORDS,
    NOMINAL,
    PLANNED,
    read_clauses,
)
from pipeline.analysis.figures import find_figures
from pipeline.analysis.periods import PEOPLE, PERIOD, Periods, find_rate
from pipeline.lexicons.goals import load_goal_words
from pipeline.lexicons.measures import load_comparators

if TYPE_CHECKING:
    from pipeline.analysis.clauses import Clause, Reading
    from pipeline.analysis.figures import Figure
    from pipeline.analysis.periods import Rate

NOUN_STOP = re.compile("[的在和及与、得到进为]|没有|未|以上|以内")
MOVED = re.compile(r"[将把]([\u4e00-\u9fff]{2,8}?)(?:分成|分为|划分|增|减|提|降|压|扩|缩|控)")  # 将团队分成3个小组
NOUN = re.compile(r"(?:的|新|优秀|专业|高级|以上|以下|左右|以内)*(?P<noun>[\u4e00-\u9fff]{1,8})")


class Target(NamedTuple):
    """A figure that is planned or was reached: ``text[start:end]`` with its comparator (code points, half-open).

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


EXPERIENCE = re.compile(r"(?:的)?(?:工作|从业|临床|教学|管理)?(?:经验|经历|工龄|资历|历史|学历)")
DEFINITE = re.compile(r"(?:的|这|那|该|上述|以下|下列|如下|前|上|各|其中|有着?|分|分为|从|由|对|如|像|无|同|全[班校院体科]|[现原共]有)$")
SHARE = re.compile("占(?![^，]*(?:任务|计划|目标|指标))[^，]{0,10}$|是否[^，]{0,2}$")
EXCEEDS = re.compile("超过|高于|高出|提高|增加|领先")
FROM = re.compile("[由从]$")
CHANGE = re.compile("提|增|减|降|上升|下降|缩|扩|压|上调|下调|升")
LABEL_TAIL = re.compile(r"[\u4e00-\u9fff]{2,12}$")
LINKS = re.compile(
    r"(?:[都均已就也能可应要须需还各达约共为是在至到于有了着的地得将：:]|上升|预计|计划|力争|能够|可以|也许|可能|大概|之间|不断|每[天日周月季年]|进行|分成|分为)+$"
)
NOUN_START = re.compile(r".*(?:在|把|将|使(?!用)|让|较|比(?!例|重|率|赛|较)|对|向|给|以(?!上|下|内|后|前|来)|其中|同期|名下|截至|截止|目前|预计|力争|确保|争取)")
OPENING = re.compile(rf"(?:{LEAD_WORDS}|{PERIOD.pattern}|每[次批类组场]|每[名位]?(?:{PEOPLE})|我[科院校班部社]|共|全年|全学期|到|预计|计划|希望|力争|确保|争取|努力|要|将|应|须|必须|需)*", re.VERBOSE)
COUNTED = (("户", "户"), ("人", "人"), ("名", "人"), ("客户", "户"), ("元", "元"), ("额", "元"), ("收入", "元"), ("利润", "元"), ("资金", "元"), ("款", "元"), ("费", "元"))  # fmt: skip
RECURRING = frozenset({"occasion", "count"})  # 每周一次, 每月读一本
DONE = re.compile(r".*(?:完成|实现|达成|组织|举办|召开|办理|开展|引进|参加|收治)了?(?=[^了]{2})(?!率|情况)")  # 销售部完成销售额
HEADS = {"人": "person", "户": "household"}


class _Words(NamedTuple):
    before: re.Pattern[str]
    after: re.Pattern[str]
    single: re.Pattern[str]
    relations: dict[str, str]
    measured: re.Pattern[str]
    enumerated: re.Pattern[str]
    verbs: re.Pattern[str]


@cache
def _words() -> _Words:
    comparators, words = load_comparators(), load_goal_words()
    before = "|".join(re.escape(one.word) for one in comparators if one.place == "before")
    after = "|".join(re.escape(one.word) for one in comparators if one.place == "after")
    nouns = "|".join(sorted(words.enumerated, key=lambda word: (-len(word), word)))
    verbs = "|".join(sorted(words.actions, key=lambda word: (-len(word), word)))
    return _Words(
        re.compile(rf"(?:(?:{before})(?:[了到至为在有出约达]|以上)*)+\s*±?$"),
        re.compile(rf"\s*(?:{after})"),
        re.compile(before),
        {one.word: one.relation for one in comparators},
        re.compile(rf"(?:{'|'.join(words.measured)})(?:[为是共达约在到至有均都的：:]|可达|应达|要达|总计)*\s*$"),
        re.compile(rf"(?:[大重点主要基本具体]|重要|不同|关键|以上的|的|层面的){{0,3}}(?:{nouns})"),
        re.compile(rf"(?:{verbs})了?"),
    )


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
    pareto = _pareto(figures, places, reading)
    targets: list[Target] = []
    last, before_it = _Last(-1, "", ""), 0
    for figure, place in zip(figures, places, strict=True):
        clause = reading.clauses[place]
        title = clause.heading and not clause.line
        if place < 0 or figure.end > clause.end or place in pareto or title:
            continue
        found = _Place(figure, place, reading, before_it)
        if found.is_base:
            continue
        before_it = figure.end
        if found.is_target(chained=last.sentence == clause.sentence):
            target = found.target(periods, last)
            targets.append(target)
            last = _Last(clause.sentence, target.metric, target.unit_base)
    return targets


class _Last(NamedTuple):
    """What the target before it was about: a figure may leave its metric and unit to it."""

    sentence: int
    metric: str
    base: str


def _pareto(figures: list[Figure], places: list[int], reading: Reading) -> set[int]:
    """Return the clauses of sentences that set 20 % against 80 %: a saying, not a target."""
    shares: dict[int, set[str]] = {}
    for figure, place in zip(figures, places, strict=True):
        if figure.kind == "ratio" and place >= 0:
            shares.setdefault(reading.clauses[place].sentence, set()).add(figure.value)
    said = {sentence for sentence, values in shares.items() if {"20", "80"} <= values}
    return {place for place in places if place >= 0 and reading.clauses[place].sentence in said} if said else set()


class _Place:
    """A figure in its clause."""

    def __init__(self, figure: Figure, place: int, reading: Reading, before_it: int) -> None:
        self.figure, self.reading, self.place = figure, reading, place
        self.clause: Clause = reading.clauses[place]
        text = reading.text
        self.left = text[self.clause.start : figure.start]
        self.near = self.left[before_it - self.clause.start :] if before_it > self.clause.start else self.left
        self.right = text[figure.end : self.clause.end]
        words = _words()
        before, after = words.before.search(self.left[-24:]), words.after.match(self.right)
        self.before = before[0].strip(" \u3000±") if before else ""
        self.after = after[0].strip() if after else ""
        self.cut = len(before[0]) if before else 0
        stem = self.near[: max(0, len(self.near) - self.cut)]
        self.stem = stem if self.near is self.left else stem.lstrip("、和及")
        self.rate: Rate | None = None
        if figure.kind != "ratio":
            self.rate = find_rate(self.left, occasion=figure.kind == "occasion")

    @property
    def is_base(self) -> bool:
        """Whether the figure is what a change starts from (由61%提高到75%)."""
        return FROM.search(self.left) is not None and CHANGE.match(self.right) is not None

    @property
    def bound(self) -> bool:
        """Whether a comparator limits the value, beyond 完成 or 实现."""
        words = _words()
        found = (*words.single.findall(self.before), self.after)
        return any(words.relations.get(word, "=") not in "=+-" for word in found)

    @property
    def label(self) -> str:
        """The label before a colon that the clause follows (培训时间：2天)."""
        if not self.clause.colon or not self.place or self.left.strip():
            return ""
        clause = self.reading.clauses[self.place - 1]
        return self.reading.text[clause.start : clause.end] if clause.line == self.clause.line else ""

    def is_target(self, *, chained: bool) -> bool:
        figure, words = self.figure, _words()
        flags = self.clause.flags
        compared = bool(self.before or self.after)
        working = flags & (PLANNED | ACHIEVED | ACTION | NOMINAL) > 0
        if figure.article and not ((self.rate and figure.kind in RECURRING) or self.bound):
            return False
        if figure.kind == "count" and figure.unit != "" and not self.bound and words.enumerated.match(self.right):
            return False
        if figure.kind == "duration":
            changed = self.before not in {"", "近"} and words.relations.get(words.single.findall(self.before)[-1]) != "="
            if self.before == "近":  # 近两年
                return False
            following = self.right[len(self.after) :]
            if EXPERIENCE.match(following) or (self.after and following[:1] == "的"):
                return False
            named = words.measured.search(self.left[-16:]) or words.measured.search(self.label)
            timed = self.rate and figure.base == "hours" and not following.startswith(("制", "工作制"))
            return named is not None or changed or (working and bool(self.bound or timed))
        if SHARE.search(self.left[: len(self.left) - self.cut]) and not compared:
            return False
        if not figure.unit.strip("十百千万亿") and figure.kind != "ratio":
            return compared or figure.more != ""
        if not compared and figure.kind != "ratio" and not self.rate and DEFINITE.search(self.left):
            return False
        if compared or self.rate or words.measured.search(self.left[-16:]) or words.measured.search(self.label):
            return True
        if figure.kind == "score":
            return EXCEEDS.search(self.left) is not None
        return working or (chained and not figure.chinese)

    def target(self, periods: Periods, last: _Last) -> Target:
        figure, clause, text = self.figure, self.clause, self.reading.text
        start = figure.start - self.cut
        end = figure.end + len(self.right) - len(self.right.lstrip()) if self.after else figure.end
        end += len(self.after)
        metric = self.metric() or (last.metric if last.sentence == clause.sentence else "")
        unit, amount, base = figure.unit, figure.amount, figure.base
        if not unit.strip("十百千万亿") and figure.kind != "ratio":
            unit, base = self._counted(unit, metric, last)
        known = amount if base else None
        if self.rate and base and figure.kind != "ratio":
            unit, known, base = _per(self.rate, unit, amount, base)
        comparator = self.before + (figure.more if figure.more else "") + self.after
        line = self.reading.line_start(clause.line)
        status = status_of(self.reading, self.place)
        period = periods.of(clause.start, clause.end, line, planned=status == "planned")
        return Target(start, end, metric, comparator, figure.value, unit, known and round(known, 10), base, period, status)

    def _counted(self, scale: str, metric: str, last: _Last) -> tuple[str, str]:
        """Return unit and base of 7万, whose unit its metric or the target before it tells."""
        bases = {"户": "households", "人": "persons", "元": "yuan"}
        for word, unit in COUNTED:
            if word in metric:
                return scale + unit, bases[unit]
        for unit, base in bases.items():
            if last.base.startswith(base):
                return scale + unit, base
        return scale, ""

    def metric(self) -> str:
        """Return the words that name what is measured: before the figure after its verb, the label, or after it."""
        rate = self.rate
        whole = self.stem.endswith(self.left[: len(self.left) - self.cut]) and rate
        stem = LINKS.sub("", self.stem[: rate.start] + self.stem[rate.end :] if whole and rate else self.stem)
        named = _named(stem)
        if len(named) > 1:
            return named[-16:]
        if self.label:
            label = LABEL_TAIL.search(self.label)
            return label[0] if label else ""
        noun = NOUN.match(self.right[len(self.after) :])
        if noun:
            return PERIOD.split(NOUN_STOP.split(noun["noun"])[0])[0]
        moved = MOVED.search(stem)
        return moved[1] if moved else ""


def _named(stem: str) -> str:
    """Return the noun at the end of what stands before a figure: 我完成新增存款任务 → 新增存款任务."""
    stem = re.sub("[由从][^由从]*[0-9一二三四五六七八九十%][^由从]*$", "", stem)  # 优良率由61%
    link = NOUN_START.match(stem)
    named = stem[link.end() :] if link else stem
    opening = OPENING.match(named)
    named = named[opening.end() :] if opening else named
    done = DONE.match(named)
    named = named[done.end() :] if done else named
    verb = None if done else _words().verbs.match(named)
    if verb and not named.endswith("率"):  # 调解成功率
        named = named[verb.end() :]
    named = named.rpartition("的")[2] or named
    return re.sub(r"[上中内下]$", "", LINKS.sub("", named)).strip(" “”\"（()）")


def _per(rate: Rate, unit: str, amount: float, base: str) -> tuple[str, float, str]:
    if not rate.per_year:
        return f"{unit}/{rate.per}", amount, f"{base} per {HEADS.get(rate.per, 'group')}"
    return f"{unit}/{rate.per}", amount * rate.per_year, f"{base} per year"


def status_of(reading: Reading, place: int) -> str:
    """Return "planned" or "achieved": by the words of the clause and of those before it in its sentence, else planned."""
    clause = reading.clauses[place]
    before = clause.flags
    while place and reading.clauses[place - 1].sentence == clause.sentence:
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
