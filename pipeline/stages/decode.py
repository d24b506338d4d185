"""decode: bytes become source text, with evidence; bad bytes stay recoverable (law 1)."""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING

import numpy as np

from pipeline.errors import InputError
from pipeline.model import Document, Evidence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pipeline.stages.read import RawDocument

BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
SAMPLE = 1 << 16  # bytes that are enough to tell one encoding from another
WIDE = ("utf-16-le", "utf-16-be")
WIDE_SCORE = 0.5  # share of common characters from which text without a mark is believed to be UTF-16
MAGIC = (b"\x89PNG", b"PK\x03\x04", b"%PDF", b"GIF8", b"\xff\xd8\xff", b"\x7fELF", b"\x1f\x8b", b"\xd0\xcf\x11\xe0")
NOT_TEXT = "the bytes are not text; give the document as .txt, .md, .html, .docx or a table"

# The commonest characters of modern Chinese, simplified and traditional: what text looks like when it is decoded right.
COMMON = frozenset(
    "的一是在不了有和人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同工也能下过子说产种面而方后多定行学法所民得经十三"
    "之进着等部度家电力里如水化高自二理起小物现实加量都两体制机当使点从业本去把性好应开它合还因由其些然前外天政四日那社义事平形相全表间样"
    "与关各重新线内数正心反你明看原又么利比或但质气第向道命此变条只没结解问意建月公无系军很情者最立代想已通并提直题党程展五果料象员革位入"
    "常文总次品式活设及管特件长求老头基资边流路级少图山统接知较将组见计别她手角期根论运农指几九区强放决西被干做必战先回则任取据处队南给色光"
    "门即保治北造百规热领七海口东导器压志世金增争济阶油思术极交受联什认六共权收证改清己美再采转更单风切打白教速花带安场身车例真务具万每目至"
    "達這個為來們時過還學說對會發經動後當點從業應開種無關體問題員計劃質護場幫實務總長進現將與門間導組書記條區戶戰線號麼給讓師級標準據檢"
    "，。、；：？！（）“”《》\n 0123456789"
)
RARE = (
    *((0x80, 0x2FF), (0x370, 0x4FF), (0x590, 0x1FFF), (0x3400, 0x4DBF)),
    *((0xDC80, 0xDCFF), (0xE000, 0xF8FF), (0xFF61, 0xFF9F), (0xFFFD, 0xFFFD)),
)
"""The first and last of the characters that Chinese text does not hold, bad bytes among them."""
BAD_BYTE = re.compile("[\udc80-\udcff]")
ASCII = bytes(range(0x80))


def _weights() -> NDArray[np.int8]:
    """Return by code point what a character says of how right the decoding is."""
    table = np.zeros(0x110000, np.int8)
    table[[ord(char) for char in COMMON]] = 1
    for first, last in RARE:
        table[first : last + 1] = -2
    return table


_WEIGHTS = _weights()


def decode(data: bytes) -> tuple[str, Evidence]:
    """Return (source text, evidence) of ``data``; raises :class:`InputError` when it is no text.

    The ladder: byte-order mark, UTF-16 without one (many NUL bytes), strict UTF-8, UTF-8 with damage, then GB18030
    against Big5 and UTF-16 by what Chinese text looks like.
    """
    for bom, encoding in BOMS:
        if data.startswith(bom):
            return _finish(data[len(bom) :], encoding, "byte-order mark", 1.0, bom)
    if data.startswith(MAGIC):
        raise InputError(NOT_TEXT)
    nul = b"\0" in data
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        text = ""
    if text and _is_gbk_by_chance(text, data):
        return _finish(data, "gb18030", "GB18030 that is valid UTF-8 by chance", 0.7)
    if text and not (nul and _looks(data[:SAMPLE], "utf-16-le") > WIDE_SCORE) and not _control_rich(data):
        return text, Evidence("utf-8", "strict UTF-8", 1.0)
    wide, confidence = _likeliest(data, WIDE)
    if _looks(data[:SAMPLE], wide) > WIDE_SCORE and (nul or _control_rich(data) or not _mostly_utf8(data)):
        return _finish(data, wide, "UTF-16 without a byte-order mark, by its characters", confidence)
    if _control_rich(data):
        raise InputError(NOT_TEXT)
    if _mostly_utf8(data):
        return _finish(data, "utf-8", "UTF-8 with damaged bytes", 0.9)
    best, confidence = _likeliest(data, ("gb18030", "big5"))
    return _finish(data, best, "likelier of GB18030 and Big5, by its characters", confidence)


def encode(source_text: str, evidence: Evidence) -> bytes:
    """Return the bytes that ``source_text`` was decoded from: the exact inverse of :func:`decode`."""
    coded = source_text.encode(evidence.encoding, "surrogateescape")
    pieces, at = [bytes.fromhex(evidence.bom)], 0
    for start, length, original in evidence.patches:
        pieces += [coded[at:start], bytes.fromhex(original)]
        at = start + length
    return b"".join([*pieces, coded[at:]])


def to_document(raw: RawDocument) -> Document:
    """Return the decoded document of a raw one; extracted text is taken as it is."""
    if raw.extracted is not None:
        evidence = Evidence("utf-8", raw.how, 1.0, sha256=raw.sha256, extracted=True)
        return Document(raw.doc_id, raw.source, raw.extracted, evidence)
    text, evidence = decode(raw.data)
    return Document(raw.doc_id, raw.source, text, evidence._replace(sha256=raw.sha256))


def _finish(data: bytes, encoding: str, how: str, confidence: float, bom: bytes = b"") -> tuple[str, Evidence]:
    wide = encoding.startswith(("utf-16", "utf-32"))
    text = data.decode(encoding, "replace" if wide else "surrogateescape")
    coded = text.encode(encoding, "surrogateescape")
    patches = () if coded == data else _patches(coded, data)
    bad = len(BAD_BYTE.findall(text)) if not text.isascii() and _escapes(text) else 0
    return text, Evidence(encoding, how, round(confidence, 3), bom.hex(), bad, patches)


def _escapes(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return False


def _patches(coded: bytes, data: bytes) -> tuple[tuple[int, int, str], ...]:
    """Return where ``coded`` must be replaced to give ``data``: byte by byte where lengths agree, else one stretch."""
    if len(coded) == len(data):
        found: list[tuple[int, int, str]] = []
        at = 0
        while at < len(data):
            if coded[at] == data[at]:
                at += 1
                continue
            end = at
            while end < len(data) and coded[end] != data[end]:
                end += 1
            found.append((at, end - at, data[at:end].hex()))
            at = end
        return tuple(found)
    head = 0
    while head < min(len(coded), len(data)) and coded[head] == data[head]:
        head += 1
    tail = 0
    while tail < min(len(coded), len(data)) - head and coded[-1 - tail] == data[-1 - tail]:
        tail += 1
    return ((head, len(coded) - tail - head, data[head : len(data) - tail].hex()),)


def _is_gbk_by_chance(text: str, data: bytes) -> bool:
    """Short GBK text can be valid UTF-8 of two-byte characters (一些 as һЩ): believed where it reads as Chinese."""
    if len(data) > 64 or text.isascii() or max(text) >= "\u0800":
        return False
    return _looks(data, "gb18030") > 0.8


def _control_rich(data: bytes) -> bool:
    head = data[:4096]
    control = sum(head.count(byte) for byte in range(32) if byte not in {9, 10, 11, 12, 13, 27})
    return control > len(head) // 20 + 2


def _mostly_utf8(data: bytes) -> bool:
    """Whether most bytes beyond ASCII form UTF-8 characters."""
    sample = data[:SAMPLE]
    high = len(sample.translate(None, ASCII))
    good = len(re.findall(rb"[\xe3-\xef][\x80-\xbf]{2}", sample)) * 3
    return good > 0.4 * high  # GBK text matches the pattern by chance in 5 % of its bytes


def _likeliest(data: bytes, encodings: tuple[str, ...]) -> tuple[str, float]:
    sample = data[:SAMPLE]
    scores = sorted(((_looks(sample, encoding), -i, encoding) for i, encoding in enumerate(encodings)), reverse=True)
    (best, _, encoding), (second, _, _) = scores[0], scores[1]
    return encoding, max(0.0, min(1.0, best - max(second, 0.0)))


def _looks(sample: bytes, encoding: str) -> float:
    """Return the share of common characters less that of what Chinese text does not hold.

    The best of two readings counts, one from the first byte and one from the second of each line's latter half: a stray
    byte puts what follows out of step.
    """
    score = _shares([sample], encoding)[0]
    if encoding in WIDE or score > 0.5:
        return score
    lines = [line for line in sample.split(b"\n") if line.strip()][:200]
    halves = [part for line in lines for part in _halves(line)]
    shares = map(max, _shares(halves, encoding), _shares([part[1:] for part in halves], encoding))
    return max(score, 0.9 * sum(shares) / max(1, len(halves)))


def _halves(line: bytes) -> tuple[bytes, bytes]:
    middle = len(line) // 4 * 2
    return line[:middle], line[middle:]


def _shares(samples: Sequence[bytes], encoding: str) -> list[float]:
    """Return the share of each sample; only what is beyond ASCII counts where a sample holds any of it."""
    errors = "replace" if encoding in WIDE else "surrogateescape"
    texts = [sample.decode(encoding, errors) for sample in samples]
    codes = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), np.uint32)
    owner = np.repeat(np.arange(len(texts)), [len(text) for text in texts])
    beyond = codes >= len(ASCII)
    plain = np.bincount(owner, beyond, len(texts)) == 0
    counted = beyond | plain[owner]
    owner, codes = owner[counted], codes[counted]
    size = np.bincount(owner, minlength=len(texts))
    shares: list[float] = (np.bincount(owner, _WEIGHTS[codes], len(texts)) / np.maximum(size, 1)).tolist()
    return shares


if __name__ == "__main__":
    from pipeline.pipe import decode_stage

    decode_stage()
