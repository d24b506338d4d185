"""Half-width punctuation between Chinese, and question marks that stand for a lost character."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.model import Edit
from pipeline.search import line_at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

HALF = re.compile(r"""[,.:;?!()"<>]""")
FULL = {",": "，", ".": "。", ":": "：", ";": "；", "?": "？", "!": "！", "(": "（", ")": "）"}

# Addresses keep their punctuation whatever stands beside them.
ADDRESS = re.compile(
    r"(?:https?|ftp)://[!-~]{1,2000}|[\w.+-]{1,64}@[A-Za-z0-9.-]{1,255}|(?:[A-Za-z0-9-]{1,63}\.){1,5}[A-Za-z]{2,8}(?:[/:?][!-~]{0,2000})?",
    re.ASCII,
)
ADDRESS_HINT = re.compile(r"[:@.](?:(?<=:)//|(?<=@)|(?<=\.)[A-Za-z])")  # an address holds one
KANA = re.compile("[\u3041-\u30ff]")
LINE = re.compile("[^\n]+")
LATIN_ABBREVIATIONS = frozenset(
    {"vs", "etc", "no", "dr", "mr", "mrs", "st", "ltd", "inc", "co", "eg", "ie", "p", "pp", "fig", "vol"}
)
CHINESE_NUMERALS = frozenset("一二三四五六七八九十百")
CHINESE_MARKS = frozenset("，。：；？！（）“”‘’《》〈〉【】「」『』、…—％·～")
CLOSERS = frozenset('）”’》】」』)"%>')
LABEL_BORDERS = frozenset(" \t\n\u3000。；：！？，、.;:!?（(")

# Words that make a sentence ask.
INTERROGATIVE = re.compile(
    "什么|怎么|怎样|如何|为何|为啥|何时|何处|何人|何在|几何|哪|谁|几[个次年月天种条点项名位人]|多少|多大|多久|多长"
    "|吗|呢|么|吧|是否|能否|可否|会否|与否|是不是|有没有|能不能|可不可以|会不会|要不要|好不好|对不对|行不行|够不够"
    "|难道|岂|何尝|何必|何以|何谓|有何|为什|啥|咋|了没"
)
STRAY_AFTER = frozenset("。！；：，、.!;:,…）)”》】")
PASSAGE = 3  # so many stray marks make a passage in which headings have lost a character too
REACH = 12  # lines: how far apart the marks of one passage may stand


def is_han(char: str) -> bool:
    """Whether ``char`` is a Chinese character (empty string: no)."""
    return "\u4e00" <= char <= "\u9fff" or "\u3400" <= char <= "\u4dbf"


def chinese(char: str) -> bool:
    """Whether ``char`` is a Chinese character or a Chinese punctuation mark."""
    return is_han(char) or char in CHINESE_MARKS


def propose_stray_questions(text: str) -> Iterator[Edit]:
    """Yield deletions of ``?`` at line ends that stand for a lost character; real questions keep theirs.

    Sure: a mark after final punctuation (``思路.?``). Doubtful: a line without an interrogative word
    (``一、培训的地位?``), believed only in a passage that has sure ones. Anything that asks is left alone.
    """
    if "?" not in text and "？" not in text:
        return
    lines = text.split("\n")
    sure, doubtful = _question_lines(lines)
    believed = set(sure)
    if len(sure) >= PASSAGE:
        believed.update(_in_passages(sure, doubtful))
    offset = 0
    for number, line in enumerate(lines):
        if number in believed:
            body = line.rstrip()
            cut = len(body.rstrip("?？"))
            start = offset + cut
            yield Edit(start, offset + len(body), body[cut:], "", "mojibake", "normalise.stray-question", 0.97)
        offset += len(line) + 1


def _question_lines(lines: list[str]) -> tuple[list[int], list[int]]:
    sure, doubtful = [], []
    for number, line in enumerate(lines):
        body = line.rstrip()
        if not body.endswith(("?", "？")) or KANA.search(body):
            continue
        rest = body.rstrip("?？").rstrip()
        if rest and not any(map(is_han, rest[-40:])):
            continue
        if not rest or (rest[-1] in STRAY_AFTER and not _asks_in_brackets(rest)):
            sure.append(number)
        elif not INTERROGATIVE.search(_last_sentence(rest)):
            doubtful.append(number)
    return sure, doubtful


def _asks_in_brackets(rest: str) -> bool:
    """``（…）？`` and ``“…”？`` may ask; a mark after them is sure to be stray only if nothing does."""
    return rest[-1] in "）)”》】" and bool(INTERROGATIVE.search(_last_sentence(rest[:-1])))


def _last_sentence(line: str) -> str:
    start = max(line.rfind(mark, 0, len(line)) for mark in "。.！!？?；;")
    return line[start + 1 :][-80:]


def _in_passages(sure: list[int], doubtful: list[int]) -> Iterator[int]:
    """Yield the doubtful lines that a chain of question-marked lines, none far from the next, ties to a sure one."""
    ties = sorted({*sure, *doubtful})
    sure_lines = set(sure)
    passage: list[int] = []
    for number in [*ties, -1]:
        if passage and not 0 <= number - passage[-1] <= REACH:
            if sure_lines.intersection(passage):
                yield from passage
            passage = []
        passage.append(number)


def propose_punctuation(text: str, spared: Callable[[], Iterable[tuple[int, int]]] = tuple) -> Iterator[Edit]:
    """Yield edits that turn half-width punctuation between Chinese into Chinese punctuation.

    Left alone: decimals, times, addresses, Latin text, list labels such as ``1.``, lines with Japanese kana, and the
    ``spared`` spans, which are asked for only where there is anything to spare.
    """
    yield from _outside(_single_marks(text), spared)
    yield from _ellipses(text)


def _outside(edits: Iterator[Edit], spared: Callable[[], Iterable[tuple[int, int]]]) -> Iterator[Edit]:
    """Yield the edits, in order, that begin in none of the ``spared`` spans."""
    first = next(edits, None)
    if first is None:
        return
    spans = _merged(spared())
    last = 0
    for edit in (first, *edits):
        while last < len(spans) and spans[last][1] <= edit.start:
            last += 1
        if last == len(spans) or edit.start < spans[last][0]:
            yield edit


def _single_marks(text: str) -> Iterator[Edit]:
    kept = _merged(_kept_spans(text))
    kept.append((len(text) + 1, len(text) + 1))
    pairs = _pairs(text)
    next_kept = 0
    for match in HALF.finditer(text):
        at = match.start()
        while kept[next_kept][1] <= at:
            next_kept += 1
        if kept[next_kept][0] <= at:
            continue
        mark = match[0]
        if mark in '()"<>':
            new = pairs.get(at)
        elif mark == ".":
            new = "。" if _ends_sentence(text, at) else None
        else:
            new = FULL[mark] if _between_chinese(text, at, mark) else None
        if new is not None:
            width = 2 if mark in "<>" else 1
            yield Edit(at, at + width, text[at : at + width], new, "punctuation", "normalise.punctuation", 0.99)


def _kept_spans(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    end = -1
    for hint in ADDRESS_HINT.finditer(text):
        if hint.start() > end:
            start, end = line_at(text, hint.start())
            spans += [match.span() for match in ADDRESS.finditer(text, start, end)]
    if KANA.search(text):
        spans += [match.span() for match in LINE.finditer(text) if KANA.search(match[0])]
        spans.sort()
    return spans


def _merged(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans in order, overlapping ones as one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _ellipses(text: str) -> Iterator[Edit]:
    if "..." not in text:
        return
    for match in re.finditer(
        r"(?<=[\u4e00-\u9fff])\.{3,12}(?![.\w])|(?<=[\u4e00-\u9fff])\.{3,12}(?=[\u4e00-\u9fff])", text
    ):
        yield Edit(*match.span(), match[0], "……", "punctuation", "normalise.ellipsis", 0.95)


def _between_chinese(text: str, at: int, mark: str) -> bool:
    left, right = text[at - 1 : at], text[at + 1 : at + 2]
    if chinese(left):
        beyond = text[at + 2 : at + 3]
        return not (right == " " and beyond.isascii() and beyond.isalpha())
    if not chinese(right):
        return (
            bool(left) and left in CLOSERS and not (right.isascii() and right.isalnum()) and _line_is_chinese(text, at)
        )
    if mark in ",;:":
        return left.isalnum() or left in CLOSERS
    return left in CLOSERS or left.isalnum()


def _line_is_chinese(text: str, at: int) -> bool:
    return any(map(is_han, text[max(0, at - 20) : at].rpartition("\n")[2]))


def _ends_sentence(text: str, at: int) -> bool:
    left, right = text[at - 1 : at], text[at + 1 : at + 2]
    if left in {"", ".", "\n", " "} or right == ".":
        return False
    if is_han(left):
        if left in CHINESE_NUMERALS and _is_label(text, at):
            return False
        return not (right.isascii() and right.isalpha() and right.islower())
    opens = not right or right in '\n "“（(' or chinese(right)
    if not opens:
        return False
    if left in CLOSERS or left in CHINESE_MARKS:
        return _line_is_chinese(text, at) or chinese(right)
    if left.isdigit():
        return _line_is_chinese(text, at) and not _is_label(text, at)
    return left.isalpha() and _ends_latin(text, at)


def _is_label(text: str, at: int) -> bool:
    """Whether the figures or numerals before ``at`` are a list label: nothing but a border before them."""
    start = at
    while (
        start
        and at - start < 8
        and (text[start - 1].isdigit() or text[start - 1] in CHINESE_NUMERALS or text[start - 1] == ".")
    ):
        start -= 1
    return start == 0 or text[start - 1] in LABEL_BORDERS


def _ends_latin(text: str, at: int) -> bool:
    word = re.search(r"[A-Za-z]{1,20}\Z", text[max(0, at - 20) : at])
    if word is None or word[0].lower() in LATIN_ABBREVIATIONS:
        return False
    start = at - len(word[0])
    before = text[max(0, start - 1) : start]
    return chinese(before) and (chinese(text[at + 1 : at + 2]) or text[at + 1 : at + 2] in {"", "\n"})


QUOTED = re.compile(r'"([^"\n]{1,300})"')
TITLED = re.compile(r"<<([^<>\n]{1,100})>>")


def _pairs(text: str) -> dict[int, str]:
    """Return offset → Chinese mark for paired half-width brackets, quotes and ``<<…>>`` around or beside Chinese."""
    found: dict[int, str] = {}
    for match in QUOTED.finditer(text) if '"' in text else ():
        if _has_han(match[1]):
            found[match.start()], found[match.end() - 1] = "“", "”"
    for match in TITLED.finditer(text) if "<<" in text else ():
        if _has_han(match[1]):
            found[match.start()], found[match.end() - 2] = "《", "》"
    if "(" in text or ")" in text:
        found |= _brackets(text)
    return found


def _brackets(text: str) -> dict[int, str]:
    found: dict[int, str] = {}
    opened: list[int] = []
    for match in re.finditer(r"[()（）\n]", text):
        mark, at = match[0], match.start()
        if mark == "\n":
            opened.clear()
        elif mark in "(（":
            opened.append(at)
        elif opened:
            start = opened.pop()
            if _bracket_is_chinese(text, start, at):
                found[start], found[at] = "（", "）"
        elif mark == ")" and is_han(text[at - 1 : at]) and is_han(text[at + 1 : at + 2]):
            found[at] = "）"
    return found


def _has_han(part: str) -> bool:
    return any(map(is_han, part))


def _bracket_is_chinese(text: str, start: int, end: int) -> bool:
    outside = text[start - 1 : start] + text[end + 1 : end + 2]
    return any(map(chinese, outside)) or _has_han(text[start + 1 : min(end, start + 61)])
