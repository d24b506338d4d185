"""What damaged bytes stood for: stray bytes go, cut characters are marked, passages in another encoding are read."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import TYPE_CHECKING

from pipeline.model import Edit
from pipeline.rules.protection import Spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lexicons.tables import Words

RUN = re.compile("[\udc80-\udcff]+")
# Bytes of the commonest 3,755 characters of GB 2312, its punctuation and its full-width forms.
COMMON_PAIRS = re.compile(rb"(?:[\xb0-\xd7][\xa1-\xfe]|\xa1[\xa2-\xbf]|\xa3[\xa1-\xfe])+")
LONGEST = 4000  # bytes of a line that are looked at to tell its encoding
REPLACEMENT = "\ufffd"
SURE = 1.0  # no bad byte may reach the clean text, whatever the bar for edits


def propose_byte_repairs(text: str, encoding: str, words: Words) -> Iterator[Edit]:
    """Yield edits for every bad byte (U+DC80–U+DCFF): removed, read in another encoding, or marked with U+FFFD.

    Also puts GB18030 text back in step where a stray byte between characters shifted what follows.
    """
    try:
        text.encode("utf-8")
        damaged = False
    except UnicodeEncodeError:
        damaged = True
    realigned = list(_realigned(text, words)) if encoding == "gb18030" else []
    yield from realigned
    if damaged:
        taken = Spans((edit.start, edit.end) for edit in realigned)
        yield from (edit for edit in _runs(text, encoding) if taken.free(edit.start, edit.start + 1))


def _runs(text: str, encoding: str) -> Iterator[Edit]:
    offset = 0
    for line in text.split("\n"):
        if RUN.search(line):
            other = _as_gbk(line) if encoding == "utf-8" else ""
            if other:
                yield Edit(offset, offset + len(line), line, other, "mojibake", "normalise.other-encoding", SURE)
            else:
                for run in RUN.finditer(text, offset, offset + len(line)):
                    yield from _bad_bytes(run, encoding)
        offset += len(line) + 1


def _as_gbk(line: str) -> str:
    """Return a line of GBK inside a UTF-8 file as text when nearly all of it is common Chinese, else nothing."""
    data = line.encode("utf-8", "surrogateescape")
    high = sum(byte >= 0x80 for byte in data[:LONGEST])
    if high < 6:
        return ""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return ""
    common = sum(len(part) for part in COMMON_PAIRS.findall(data[:LONGEST]))
    return text if common >= 0.8 * high else ""


def _bad_bytes(run: re.Match[str], encoding: str) -> Iterator[Edit]:
    data = run[0].encode("utf-8", "surrogateescape")
    if not _is_cut(data, encoding):
        yield Edit(*run.span(), run[0], "", "mojibake", "normalise.stray-byte", SURE)
        return
    yield Edit(*run.span(), run[0], REPLACEMENT, "mojibake", "normalise.cut-character", SURE)
    guess = _guess(data, encoding)
    if guess:
        yield Edit(*run.span(), run[0], guess, "mojibake", "normalise.cut-character", 0.3)


def _is_cut(data: bytes, encoding: str) -> bool:
    """Whether the bytes are the rest of a character rather than strays between whole ones."""
    if encoding == "utf-8":
        return 0xE0 <= data[0] <= 0xF4 or (len(data) > 1 and all(0x80 <= byte < 0xC0 for byte in data))
    return 0xB0 <= data[0] <= 0xF7


def _guess(data: bytes, encoding: str) -> str:
    """Return a character that begins with these bytes (the first of its row), for a person to choose from."""
    for tail in (b"", b"\xa1", b"\x80", b"\x80\x80"):
        try:
            return (data + tail).decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


HIGH = re.compile(rb"[\x80-\xff]{7,}")
RIGHT, GAIN = 0.9, 0.3  # share of common pairs once a byte is left out, and how much better that must be

NEAR = 8  # characters on either side in which places for the stray byte are compared
MOST_PLACES = 24


def _realigned(text: str, words: Words) -> Iterator[Edit]:
    """Yield edits for runs of bytes that are in step only when one byte is left out.

    In GB 2312 both bytes of a character are high, so that a run of odd length holds a stray byte (or half a
    character); characters of the larger GBK set make odd runs too, which read well as they are.
    """
    data = text.encode("gb18030", "surrogateescape")
    at = chars = stop = 0
    for match in HIGH.finditer(data):
        start, end = match.span()
        if (end - start) % 2 == 0 or start < stop:  # the rest of its line was put in step with the run before
            continue
        skip = _best_skip(match[0][:LONGEST], words)
        if skip < 0:
            continue
        chars += len(data[at:start].decode("gb18030", "surrogateescape"))
        at = start
        stop = data.find(b"\n", end)
        stop = stop if stop >= 0 else len(data)
        line = data[start:stop]
        before = line.decode("gb18030", "surrogateescape")
        after = (line[:skip] + line[skip + 1 :]).decode("gb18030", "replace")
        if text.startswith(before, chars):
            yield Edit(chars, chars + len(before), before, after, "mojibake", "normalise.realigned", SURE)


def _best_skip(run: bytes, words: Words) -> int:
    """Return the place of the byte without which the run reads as common Chinese; -1 when it reads well as it is."""
    pairs = len(run) // 2
    even = [_is_common(run[2 * i : 2 * i + 2]) for i in range(pairs)]
    odd = [_is_common(run[2 * i + 1 : 2 * i + 3]) for i in range(pairs)]
    before = [0, *accumulate(even)]
    after = [0, *accumulate(odd)]
    common = [before[i] + after[pairs] - after[i] for i in range(pairs + 1)]
    good = max(common)
    cut = common.index(good)
    if good < RIGHT * pairs or good - before[pairs] < max(2, GAIN * (pairs - cut)):
        return -1
    # Neighbouring places give as many common characters; the words that they make decide.
    places = [i for i in range(pairs + 1) if common[i] >= good - 1][:MOST_PLACES]
    return 2 * max(places, key=lambda i: words.fluency(_read(run, 2 * i)))


def _read(run: bytes, skip: int) -> str:
    """Return the characters around ``skip`` when the byte there is left out."""
    low = max(0, skip - 2 * NEAR)
    return (run[low:skip] + run[skip + 1 : skip + 1 + 2 * NEAR]).decode("gb18030", "replace")


def _is_common(pair: bytes) -> bool:
    return COMMON_PAIRS.fullmatch(pair) is not None
