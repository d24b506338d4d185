"""What damaged bytes stood for: stray bytes go, cut characters are marked, passages in another encoding are read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.model import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

RUN = re.compile("[\udc80-\udcff]+")
LEVEL_1 = re.compile(rb"(?:[\xb0-\xd7][\xa1-\xfe]|\xa1[\xa2-\xbf]|\xa3[\xa1-\xfe])+")
LONGEST = 4000  # bytes of a passage that are tried at once
REPLACEMENT = "\ufffd"


def propose_byte_repairs(text: str, encoding: str) -> Iterator[Edit]:
    """Yield edits for every bad byte (U+DC80–U+DCFF): removed, read in another encoding, or marked with U+FFFD.

    Also realigns GB18030 lines that one stray byte threw out of step. Instant on text without bad bytes.
    """
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        yield from _runs(text, encoding)
    if encoding == "gb18030":
        yield from _realigned(text)


def _runs(text: str, encoding: str) -> Iterator[Edit]:
    offset = 0
    for line in text.split("\n"):
        if RUN.search(line):
            other = _as_gbk(line) if encoding == "utf-8" else ""
            if other:
                yield Edit(offset, offset + len(line), line, other, "mojibake", "normalise.other-encoding", 0.95)
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
    common = sum(len(part) for part in LEVEL_1.findall(data[:LONGEST]))
    return text if common >= 0.8 * high else ""


def _bad_bytes(run: re.Match[str], encoding: str) -> Iterator[Edit]:
    data = run[0].encode("utf-8", "surrogateescape")
    cut = _is_cut(data, encoding)
    yield Edit(
        *run.span(), run[0], REPLACEMENT if cut else "", "mojibake", "normalise.cut-character" if cut else "normalise.stray-byte", 0.95
    )
    if cut and (guess := _guess(data, encoding)):
        yield Edit(*run.span(), run[0], guess, "mojibake", "normalise.cut-character", 0.3)


def _is_cut(data: bytes, encoding: str) -> bool:
    """Whether the bytes are the rest of a character rather than strays between whole ones."""
    if encoding == "utf-8":
        return 0xE0 <= data[0] <= 0xF4 or len(data) > 1 and all(0x80 <= byte < 0xC0 for byte in data)
    return 0xB0 <= data[0] <= 0xF7


def _guess(data: bytes, encoding: str) -> str:
    """Return a common character that begins with these bytes: the first of its row (to be chosen by a person)."""
    tails = [b"", b"\xa1", b"\x80", b"\x80\x80"]
    for tail in tails:
        try:
            return (data + tail).decode(encoding)
        except UnicodeDecodeError:
            continue
    return ""


OUT_OF_STEP = re.compile("[\u4e00-\u9fff\u3400-\u4dbf\ue000-\uf8ff\u3000-\u30ff\uff00-\uffef\u2e80-\u2fff\u00b7\u00d7]{3,}")


def _common_share(data: bytes) -> float:
    return sum(len(part) for part in LEVEL_1.findall(data)) / max(1, len(data))


def _realigned(text: str) -> Iterator[Edit]:
    """Yield edits for runs that read as rare characters, and as common ones when a byte is left out."""
    for match in OUT_OF_STEP.finditer(text):
        run = match[0]
        if sum("\u4e00" <= char <= "\u9fff" for char in run) == 0 or _plain(run):
            continue
        yield from _realign(run, match.start())


def _plain(run: str) -> bool:
    """Whether nearly every character is a level-1 character of GB 2312 or a mark."""
    data = run.encode("gb18030")
    good = sum(1 for char in run if len(c := char.encode("gb18030")) == 2 and (0xB0 <= c[0] <= 0xD7 or c[0] in (0xA1, 0xA3)) and c[1] >= 0xA1)
    return good >= 0.75 * len(run) or len(data) > LONGEST


def _realign(run: str, start: int) -> Iterator[Edit]:
    data = run.encode("gb18030")
    best, place = 0.0, -1
    for skip in range(0, len(data) - 2, 2):
        share = _aligned_share(data, skip)
        if share > best:
            best, place = share, skip
    if place < 0 or best < 0.9:
        return
    for cut in (place, place + 1):
        try:
            fixed = (data[:cut] + data[cut + 1 :]).decode("gb18030")
        except UnicodeDecodeError:
            continue
        yield Edit(start, start + len(run), run, fixed, "mojibake", "normalise.realigned", 0.95)
        return


def _aligned_share(data: bytes, skip: int) -> float:
    """Return the share of common characters when the byte at ``skip`` is left out."""
    fixed = data[:skip] + data[skip + 1 :]
    pairs = [fixed[i : i + 2] for i in range(0, len(fixed) - 1, 2)]
    good = sum((0xB0 <= p[0] <= 0xD7 or p[0] in (0xA1, 0xA3)) and p[1] >= 0xA1 for p in pairs)
    return good / max(1, len(pairs)) - (0.2 if len(fixed) % 2 else 0)
