"""The whole document in traditional characters, within what its encoding can hold."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from tests.damage.characters import opencc_table

if TYPE_CHECKING:
    from tests.damage.canvas import Canvas


def traditional(canvas: Canvas, encoding: str) -> None:
    """Turn the text and the wounds in it to traditional characters.

    A wound that ``encoding`` cannot hold is dropped; raises ValueError where the clean text itself has such
    characters.
    """
    canvas.rewrite(lambda damaged: _fit_all(damaged, encoding))
    missing = set()
    for at, (old, new) in enumerate(zip(canvas.text, _convert(canvas.text), strict=True)):
        if canvas.wounded(at):
            continue
        fitting = _fit(new, encoding)
        if fitting is None:
            missing.add(old)
        elif fitting != old:
            canvas.convert(at, fitting, "script", "traditional")
    if missing:
        raise ValueError(f"{encoding} cannot hold {''.join(sorted(missing))}: reword the clean text")


def _convert(text: str) -> str:
    """Return ``text`` in traditional characters, one for one; opencc reads words, so it gets it whole."""
    table = opencc_table("s2t")
    new: str = table.convert(text)
    if len(new) == len(text):
        return new
    return "".join(table.convert(char)[:1] for char in text)


@cache
def _fit(char: str, encoding: str) -> str | None:
    """Return the form of a traditional character that ``encoding`` holds; None if there is none.

    opencc's own standard is exotic in places (爲, 衆, 牀, 峯) where Big5 has the everyday form of Taiwan.
    """
    for form in (char, opencc_table("t2tw").convert(char), opencc_table("t2s").convert(char)):
        if _holds(encoding, form):
            return form
    return None


def _holds(encoding: str, char: str) -> bool:
    try:
        return char.encode(encoding).decode(encoding) == char
    except UnicodeError:
        return False


def _fit_all(damaged: str, encoding: str) -> str | None:
    if not damaged or any("\ud800" <= char <= "\udfff" for char in damaged):  # bad bytes: opencc takes no surrogates
        return damaged
    fitting = [_fit(char, encoding) for char in _convert(damaged)]
    return None if None in fitting else "".join(filter(None, fitting))
