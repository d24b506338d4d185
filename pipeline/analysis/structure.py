"""Faults of a plan's structure: gaps in its numbering, parts announced that do not follow, an end that is cut off."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import TYPE_CHECKING, NamedTuple

from pipeline.rules.headings import LABELS
from pipeline.rules.lines import numeral

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pipeline.model import Unit

_NUMERAL = r"(?:[一二两三四五六七八九十]{1,3}|\d{1,2})"
_ANNOUNCED = re.compile(
    rf"(?:以下|如下|下面|下列)(?:的|这)?(?P<n>{_NUMERAL})(?P<what>(?:个|大|点|条|项|种|步|方面|部分|件|类)+)"
    rf"|(?:分为|分成|分|从|抓好|做好|做到)(?:以下|如下|这)?(?P<m>{_NUMERAL})(?P<which>(?:个|大|点|条|项)?(?:方面|部分|步骤?|点|条|项))"
    r"[^。\n]{0,8}[：:]"
)
# How parts are told apart inside a paragraph; each with its number.
_INLINE = (
    re.compile(r"(?P<n>[一二三四五六七八九十])是"),
    re.compile(r"第(?P<n>[一二三四五六七八九十])(?:[，,、：:]|[个点步项]|方面|部分)"),
    re.compile(r"其(?P<n>[一二三四五六七八九十])[，,、：:]?"),
    re.compile(r"[（(]\s?(?P<n>[一二三四五六七八九十]{1,3}|\d{1,2})\s?[)）]"),
    re.compile(r"(?<![\d.．])(?P<n>\d{1,2})[、.．)）](?!\d)"),
    re.compile(r"(?<![第一二三四五六七八九十])(?P<n>[一二三四五六七八九十]{1,3})、"),
    re.compile(r"(?P<n>[①-⑳])"),
)
_IN_WORDS = ("首先", "其次", "再次|然后|第三", "最后")
_MOST = 20  # parts that an announcement may promise; a larger number is a figure
_SENTENCE = re.compile(r"[^。；！？\n]{4,}")
_STOP = re.compile(r"[。！？…；.!?;”’」』）)】》\"'～~]$")
_DATED = re.compile(
    r"[\dxX×〇零一二三四五六七八九十]+\s*[年月日号][\s\dxX×〇零一二三四五六七八九十年月日号]*$|敬礼[！!]?$|此致$"
)
_OPEN = re.compile(r"[，,、：:（(《“—]$|[\u4e00-\u9fff][，,。；][^\n]*[^\s]$")
_SIGNATURE = 12  # characters of a last line that may be a name or a place
_DATE = 60  # characters at a line's end that may be a date
_REACH = 5_000  # characters after an announcement in which its parts are looked for where none has a label of its own
_LOOKED_AT = 2_000  # labelled parts after an announcement
_OPEN_LISTS = 200  # of a kind of label


class Structure(NamedTuple):
    """The faults of a plan, each as a reason for a reader (English, with the words of the plan)."""

    gaps: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    cut_off: tuple[str, ...] = ()

    @property
    def faults(self) -> tuple[str, ...]:
        """All of them, in this order."""
        return (*self.gaps, *self.missing, *self.cut_off)


class _Part(NamedTuple):
    """A labelled unit of the outline: its kind of label, its number, its place in the plan's text."""

    kind: str
    number: int
    label: str
    parent: int
    start: int


def examine(text: str, units: Sequence[Unit] = (), start: int = 0) -> Structure:
    """Return the faults of a plan's structure.

    ``units`` are those of its outline, in order; ``start`` is the offset of ``text`` in the text that they count in.
    """
    parts = [part for unit in units if unit.level > 0 and (part := _part(unit, start))]
    return Structure(tuple(_gaps(parts)), tuple(_missing(text, parts)), tuple(_cut_off(text)))


def _part(unit: Unit, start: int) -> _Part | None:
    if not unit.label:
        return None
    for kind, pattern in LABELS:
        match = pattern.match(unit.heading)
        if match and "n" in pattern.groupindex:
            return _Part(kind, _value(match["n"]), unit.label, unit.parent, unit.start - start)
    return None


def _value(number: str) -> int:
    if "①" <= number <= "⑳":
        return ord(number) - ord("①") + 1
    if "A" <= number <= "Z":
        return ord(number) - ord("A") + 1
    return 2 if number == "两" else numeral(number)


def _gaps(parts: Sequence[_Part]) -> Iterator[str]:
    """Yield what is wrong with the order of the labels: each begins a list at one or counts on in one that is open.

    A list may go on under the next heading (第七条) and after a list inside it (1、 with its own 1、 2、 3、).
    """
    lists: dict[str, list[_Part]] = {}  # kind → the last parts of the lists that are open, the innermost last
    for part in parts:
        opened = lists.setdefault(part.kind, [])
        del opened[:-_OPEN_LISTS]
        depth = next((i for i in reversed(range(len(opened))) if opened[i].number == part.number - 1), None)
        if part.number > 1 and depth is not None:
            del opened[depth:]
        elif part.number > 1:
            yield _gap(opened.pop() if opened and opened[-1].parent == part.parent else None, part)
        opened.append(part)


def _gap(before: _Part | None, part: _Part) -> str:
    if before is None:
        return f"numbering starts at {part.label}"
    if part.number == before.number:
        return f"numbering repeats {part.label}"
    how = "jumps" if part.number > before.number else "falls"
    return f"numbering {how} from {before.label} to {part.label}"


def _missing(text: str, parts: Sequence[_Part]) -> Iterator[str]:
    starts = [part.start for part in parts]
    for match in _ANNOUNCED.finditer(text):
        wanted = _value(match["n"] or match["m"])
        if not 2 <= wanted <= _MOST:
            continue
        first = bisect_left(starts, match.end())
        following = parts[first : first + _LOOKED_AT]
        before = text[match.end() : following[0].start if following else match.end() + _REACH]
        found = max(_listed(following), _inline(before, wanted), _in_words(before))
        if not found and len(_SENTENCE.findall(before)) >= wanted:
            continue  # the parts may stand there without numbers
        if found < wanted:
            yield f"announces {match[0].rstrip('：:')!r}, {found} of {wanted} follow"


def _listed(parts: Sequence[_Part]) -> int:
    """Return how many parts the list has that the first of these begins."""
    count = 0
    for part in parts:
        same = (part.kind, part.parent) == (parts[0].kind, parts[0].parent)
        count += same and part.number == parts[0].number + count
    return count


def _inline(text: str, wanted: int) -> int:
    """Return how many parts are numbered inside the text, in order from one on."""
    best = 0
    for pattern in _INLINE:
        reached = 0
        for match in pattern.finditer(text):
            if _value(match["n"]) == reached + 1:
                reached += 1
            if reached == wanted:
                return wanted
        best = max(best, reached if reached > 1 else 0)
    return best


def _in_words(text: str) -> int:
    found = [bool(re.search(word, text)) for word in _IN_WORDS]
    return sum(found) if found[0] and sum(found) > 1 else 0


def _cut_off(text: str) -> Iterator[str]:
    """Yield the end of a plan that stops in the middle of a sentence."""
    lines = [line.strip() for line in text.strip().split("\n")]
    while len(lines) > 1 and (_is_dated(lines[-1]) or _is_signature(lines[-1])):
        lines.pop()
    last = lines[-1]
    if _is_open(last) and not (len(lines) > 1 and _is_open(lines[-2])):  # some plans end no line with a stop
        yield f"ends in the middle of a sentence: {last[-12:]!r}"


def _is_open(line: str) -> bool:
    return bool(_OPEN.search(line)) and not _STOP.search(line) and not _is_dated(line)


def _is_dated(line: str) -> bool:
    return _DATED.search(line[-_DATE:]) is not None


def _is_signature(line: str) -> bool:
    return len(line) <= _SIGNATURE and not re.search(r"[，,。、：:；]", line)
