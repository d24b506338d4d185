"""Junk injected between characters: punctuation no one writes, and site signatures broken up by it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from pipeline.model import Edit
from pipeline.rules.protection import Spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lexicons.packs import SitePacks
    from pipeline.lexicons.tables import Words

HAN = "\u4e00-\u9fff"
# Marks that no one writes between two Chinese characters.
ILLICIT = frozenset("}{][|^=%~`$#*\\_'@&<>+;")
SYMBOLS = re.escape("}{][)(|^=%~`$#*\\_'@&<>+")
JUNK = re.compile(rf"[{SYMBOLS}](?<=[{HAN}].)[{SYMBOLS}]{{0,5}}(?=[{HAN}])")
OPENERS = {")": "(", "]": "[", "}": "{", ">": "<", "）": "（", "】": "【"}
MISMATCHED = ("[)", "(]", "{)", "(}", "[}", "{]")
TOUCHING = frozenset({")(", "][", "}{", "><"})  # two bracketed passages side by side
OPERATOR = re.compile("[-+×÷*/]")  # beside one, an equals sign is a formula's
SINGLE, DOUBTFUL = 0.92, 0.5  # confidence
SPRINKLED = frozenset("=#|")  # sure only in a text with other junk
LEAST = 20  # occurrences in the dictionary of a word that a mark cuts in two
INFESTED = 3  # places of sure junk in a text, from which on single marks are no one's either
NEVER = frozenset("^`{}\\")  # within a run of marks between Chinese characters


def propose_junk(text: str, packs: SitePacks, words: Words) -> Iterator[Edit]:
    """Yield deletions (kind ``noise``) of injected punctuation, with the signature that it breaks up."""
    signed = [span for signature in packs.signatures for span in _signature_spans(text, signature)]
    for start, end in signed:
        yield Edit(start, end, text[start:end], "", "noise", "strip.signature", 0.96)
    taken = Spans(signed)
    found = [match for match in JUNK.finditer(text) if taken.free(*match.span())]
    confidences = [_confidence(text, match, words) for match in found]
    infested = len(signed) + sum(confidence > DOUBTFUL for confidence in confidences) >= INFESTED
    for match, alone in zip(found, confidences, strict=True):
        confidence = _confidence(text, match, words, infested=True) if infested and match[0] in SPRINKLED else alone
        if confidence:
            yield Edit(*match.span(), match[0], "", "noise", "strip.junk", confidence)


def _confidence(text: str, match: re.Match[str], words: Words, *, infested: bool = False) -> float:
    junk, start, end = match[0], match.start(), match.end()
    line_start, line_end = text.rfind("\n", max(0, start - 500), start) + 1, text.find("\n", end, end + 500)
    before = text[max(line_start, start - 500) : start]
    after = text[end : line_end if line_end >= 0 else end + 500]
    if len(junk) == 1:
        inside_word = words.has(before[-1:] + after[:1], LEAST)
        return _single(junk, before, after, inside_word=inside_word, infested=infested)
    unbalanced = any(c in OPENERS and OPENERS[c] not in before[-40:] + junk[: junk.index(c)] for c in junk)
    mismatched = any(pair in junk for pair in MISMATCHED)
    return (
        0.95 if mismatched or set(junk) & NEVER or (unbalanced and len(set(junk)) > 1 and junk not in TOUCHING) else 0.0
    )


def _single(junk: str, before: str, after: str, *, inside_word: bool, infested: bool) -> float:
    """One symbol alone: sure only where it has no use in Chinese text and no partner on the line."""
    if junk in OPENERS:
        return 0.0 if OPENERS[junk] in before else (SINGLE if junk in "}]" else DOUBTFUL)
    if junk in "{[(<":
        closer = {"{": "}", "[": "]", "(": ")", "<": ">"}[junk]
        return 0.0 if closer in after else (SINGLE if junk in "{[" else DOUBTFUL)
    if junk == "'":
        return SINGLE if "'" not in before + after else 0.0
    if junk in "^`\\_":
        return SINGLE if junk not in before + after else 0.0
    if junk == "=" and OPERATOR.search(before + after):
        return 0.0
    if infested and junk in SPRINKLED:
        return SINGLE
    if junk in before + after:
        return 0.0
    if junk in "=#$":
        return SINGLE if inside_word else DOUBTFUL
    return DOUBTFUL if junk == "|" else 0.0  # editors part names and titles with it


def _signature_spans(text: str, signature: str) -> Iterator[tuple[int, int]]:
    """Yield where characters of the signature stand in a row with marks between them.

    A span holds two or more of the characters (in any order, as mirrors shuffle them), at least one mark that no one
    writes there, and is bounded by the first and last of these.
    """
    chars = re.escape(signature)
    marks = r"[^\w\s\u4e00-\u9fff（）《》“”，]"
    pattern = re.compile(rf"{marks}{{0,2}}(?:[{chars}]{{1,3}}{marks}{{1,3}}){{1,8}}(?:[{chars}]{{1,4}}{marks}{{0,2}})?")
    anchor = re.compile(rf"[{chars}]{marks}|{marks}[{chars}]")
    at = 0
    while True:
        found = anchor.search(text, at)
        if found is None:
            return
        match = pattern.match(text, found.start()) or pattern.match(text, max(0, found.start() - 1))
        if match is None or not _is_signature(match[0], signature):
            at = found.end()
            continue
        start, end = _trimmed(text, match)
        yield start, end
        at = max(end, found.end())


def _is_signature(part: str, signature: str) -> bool:
    inside = [c for c in part if c in signature]
    marks = [c for c in part if c in ILLICIT]
    return len(inside) >= 2 and bool(marks) and _in_order(inside, signature)


def _in_order(inside: list[str], signature: str) -> bool:
    """Most neighbours stand in the signature's order."""
    places = [signature.index(c) for c in inside]
    steps = sum(b > a for a, b in pairwise(places))
    return steps >= (len(places) - 1) / 2


def _trimmed(text: str, match: re.Match[str]) -> tuple[int, int]:
    """Keep a Chinese mark at the end: it belongs to the sentence (目标}方案.库.整.理^、有成效)."""
    start, end = match.span()
    while end > start and text[end - 1] in "、，。；：！？）”":
        end -= 1
    while start < end and text[start] in "、，。；：！？（“":
        start += 1
    return start, end
