"""Figures: a number with its unit as it stands in text, whatever its digits, and the same in a base unit."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

from pipeline.lexicons.measures import Unit, load_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

PLACES = 9  # of an amount in its base unit: a minute in hours has no end of digits
SCALES = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
HALF = {"一半": "1/2", "半数": "1/2"}
CHINESE_DIGITS = "零〇一二两三四五六七八九"
NO_UNIT = Unit("", "", "", 1.0, "count", "")  # 7万以上: what is counted stands elsewhere
LONGEST = 24  # characters of a number: 九千九百九十九万九千九百九十九 has 15, longer runs are codes


class Figure(NamedTuple):
    """A number with its unit: ``text[start:end]``, offsets in code points, half-open.

    ``value`` is the figure in digits, 万 and 亿 left in ``unit`` (7万户 is 7 万户; a range is 1-2, a fraction 2/3);
    ``amount`` is in ``base`` units, of a range its middle. ``article`` tells that 一 before the unit may mean no more
    than "a" (一支队伍); ``chinese`` that it is written in Chinese numerals; ``more`` that 多, 余 or 几 adds to it.
    """

    start: int
    end: int
    value: str
    unit: str
    amount: float
    base: str
    kind: str
    article: bool = False
    chinese: bool = False
    more: str = ""


_D = "[0-9０-９]"
_ARABIC = rf"(?:{_D}{{1,3}}(?:,{_D}{{3}}){{1,50}}(?!{_D})|{_D}{{1,15}})(?:[.．]{_D}{{1,6}})?"
_HAN = rf"[零〇一二两三四五六七八九十百千万亿]{{1,{LONGEST}}}(?:点[零〇一二三四五六七八九]{{1,6}})?"
_NUMBER = rf"(?:{_ARABIC}[十百千]?[万亿]{{0,2}}|{_HAN})"
_RANGE = r"[ \u3000]?[-－–—~～至到]{1,2}[ \u3000]?"

_REST = "(?<=[万亿][一二三四五六七八九])|(?<=[万亿][一二三四五六七八九][千百])"  # 一百零五万三, 三亿五千


def _alternatives(words: Iterable[str]) -> str:
    """Return a pattern for any of ``words``, longest first, that looks at the first character before all else."""
    ordered = sorted(words, key=lambda word: (-len(word), word))
    firsts = "".join(sorted({re.escape(word[0]) for word in ordered}))
    return f"(?=[{firsts}])(?:{'|'.join(map(re.escape, ordered))})"


@cache
def _pattern() -> re.Pattern[str]:
    units = load_units()
    plain = [unit for unit, row in units.items() if not row.not_before]
    parts = [_alternatives(plain)] if plain else []
    parts += [
        f"{re.escape(unit)}(?![{re.escape(row.not_before)}])"
        for unit, row in sorted(units.items(), key=lambda item: (-len(item[0]), item[0]))
        if row.not_before
    ]
    return re.compile(
        rf"""
        (?=[0-9０-９零〇一二两三四五六七八九十百千万亿半])
        (?<![第数几初\d０-９零〇一二两三四五六七八九十百千万亿A-Za-z.．/·\-])   # not 第八条, 数百户, ISO9001, 3.5.1
        (?:
            百分之(?P<percent>{_NUMBER}(?:{_RANGE}(?:百分之)?{_NUMBER})?)
          | (?P<under>{_HAN})分之(?P<over>{_HAN})
          | (?P<share>[1-9]/[1-9](?![\d/])(?=以上|左右|以下|的))
          | (?P<half>一半|半数)(?!会)
          | (?P<low>{_NUMBER})
            (?P<lowunit>[%％‰])?
            (?:{_RANGE}(?P<high>{_NUMBER}))?
            (?P<more>[多余几来])?(?P<scale>[十百千]?[万亿]{{0,2}})
            (?:[ \u3000]?(?P<unit>{"|".join(parts)})|(?<=[万亿])(?![0-9])|{_REST})         # 7万以上
        )""",
        re.VERBOSE,
    )


def find_figures(text: str) -> Iterator[Figure]:
    """Yield the numbers with a unit of ``units.tsv``, percentages and fractions of ``text``, in order."""
    for match in _pattern().finditer(text):
        figure = _figure(match)
        if figure is not None:
            yield figure


def _figure(match: re.Match[str]) -> Figure | None:
    start, end = match.span()
    percent = load_units()["%"]
    if match["percent"]:
        parts = re.split(rf"{_RANGE}(?:百分之)?", match["percent"])
        values = [_numeral(part) for part in parts]
        return _made(start, end, values, "", percent, chinese=not match["percent"][0].isdigit())
    if match["under"]:
        return _fraction(start, end, _numeral(match["over"]), _numeral(match["under"]))
    if match["share"]:
        return _fraction(start, end, Decimal(match["share"][0]), Decimal(match["share"][2]))
    if match["half"]:
        return _fraction(start, end, Decimal(1), Decimal(2))
    return _measured(match)


def _fraction(start: int, end: int, over: Decimal | None, under: Decimal | None) -> Figure | None:
    if over is None or not under:
        return None
    shown = f"{_shown(over)}/{_shown(under)}"
    return Figure(start, end, shown, "", float(over / under), "ratio", "ratio", chinese=True)


def _measured(match: re.Match[str]) -> Figure | None:
    low, high = match["low"], match["high"]
    if low in SCALES and low != "十":  # 千元, 百人: no number
        return None
    unit = load_units()[match["unit"]] if match["unit"] else NO_UNIT
    chinese = not low[0].isdigit()
    last, scale = _unscaled(high or low)
    scale += match["scale"]
    first = low if high else last
    if high and scale and first[-1:] in SCALES:
        first = _unscaled(first)[0]
    if unit.written == "年" and len(first) > 3 and not chinese:  # 2025年
        return None
    values = _pair(first) if not high and chinese else None
    if values is None:
        values = [_numeral(part) for part in ([first, last] if high else [first])]
    if not high and not match["scale"] and "万" in last and chinese:  # 一百零五万三千: 105.3 万
        values, scale = [value and value / SCALES["万"] for value in values], "万"
    article = low == "一" and not high and not scale and not match["more"]
    more = match["more"] or ""
    made = _made(*match.span(), values, scale, unit, chinese=chinese)
    return made and made._replace(article=article, more=more)


def _made(
    start: int, end: int, values: list[Decimal | None], scale: str, unit: Unit, *, chinese: bool
) -> Figure | None:
    known = [value for value in values if value is not None]
    if len(known) != len(values):
        return None
    factor = Decimal(str(unit.factor))
    for char in scale:
        factor *= SCALES[char]
    amount = round(float(sum(known, Decimal(0)) / len(known) * factor), PLACES)
    value = "-".join(map(_shown, known))
    return Figure(start, end, value, scale + unit.written, amount, unit.base, unit.kind, chinese=chinese)


def _unscaled(written: str) -> tuple[str, str]:
    """Part 万 and 亿 from the end of a number; of one in digits also 十, 百 and 千, which belong to 三百."""
    kept = written.rstrip("万亿")
    if kept and kept[0].isdigit():
        kept = kept.rstrip("十百千")
    if not kept or "万" in kept or "亿" in kept:
        return written, ""
    return kept, written[len(kept) :]


def _pair(written: str) -> list[Decimal | None] | None:
    """Return both ends of 两三, 四五, 三五百, 十二三: two digits in a row are a range, not a number."""
    found = re.fullmatch(rf"([十百千]?)([{CHINESE_DIGITS[2:]}])([{CHINESE_DIGITS[2:]}])([十百千]?)", written)
    if not found or len(written) < 2:
        return None
    lead, low, high, tail = found.groups()
    return [_numeral(f"{lead}{digit}{tail}") for digit in (low, high)]


@lru_cache(maxsize=4096)
def _numeral(written: str) -> Decimal | None:
    """Return the number, None for what is none: a year or a code spelled digit by digit, 万万."""
    if len(written) > LONGEST:
        return None
    plain = unicodedata.normalize("NFKC", written).replace(",", "")
    try:
        if plain[:1].isdigit():
            return Decimal(plain)
        if len(plain) > 1 and not any(char in SCALES for char in plain) and "点" not in plain:
            return None
        import cn2an  # noqa: PLC0415 - takes 0.2 s to import, and few figures need it

        # cn2an wants a digit before a unit: 百分之百, 千元, 万元
        return Decimal(str(cn2an.cn2an(f"一{plain}" if plain[0] in "百千万亿" else plain, "normal")))
    except (ValueError, InvalidOperation, KeyError, IndexError):
        return None


def _shown(value: Decimal) -> str:
    return f"{value:f}"
